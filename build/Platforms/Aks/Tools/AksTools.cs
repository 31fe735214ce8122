using System.Text.Json;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Arm;
using Cake.Core.Tooling;

namespace Ambrosia.Build.Platforms.Aks.Tools;

/// <summary>Asks the programs that a deployment on Azure needs for their versions.</summary>
public sealed class AksTools(AzCli az, IProcessRunner runner, IToolLocator tools, StateDirectory state)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public Task<ToolState> AzAsync(CancellationToken cancellation) => TryAsync(ToolRequirement.Az, async () =>
    {
        var executable = tools.Resolve(OperatingSystem.IsWindows() ? ["az.exe", "az.cmd", "az.bat", "az"] : ["az"]) is { } path ? new FileInfo(path.FullPath) : null;
        var file = Path.Combine(state.Path, AzVersionCache.FileName);
        if (executable is { Exists: true } && AzVersionCache.Read(File.Exists(file) ? await File.ReadAllTextAsync(file, cancellation) : null, executable) is { } kept)
            return kept;
        var version = (await az.QueryAsync(new AzCommand("version") { Timeout = Limit }, cancellation)).Text("azure-cli");
        if (executable is { Exists: true } && version is not null)
        {
            state.Ensure();
            await File.WriteAllTextAsync(file, AzVersionCache.Write(executable, version), cancellation);
        }

        return version;
    });

    public Task<ToolState> KubectlAsync(CancellationToken cancellation) => TryAsync(ToolRequirement.Kubectl, async () =>
    {
        var result = await runner.RunAsync(new ProcessRequest("kubectl", ["version", "--client", "--output=json"]) { Timeout = Limit }, cancellation);
        return Json(result.StandardOutput)?.Text("clientVersion", "gitVersion")?.TrimStart('v');
    });

    /// <summary>Client and daemon in one call; it fails where no daemon answers, with the client's part on standard output all the same.</summary>
    public async Task<DockerState> DockerAsync(CancellationToken cancellation)
    {
        ProcessResult? result = null;
        var client = await TryAsync(ToolRequirement.Docker, async () =>
        {
            result = await runner.RunAsync(
                new ProcessRequest("docker", ["version", "--format", "{{json .}}"]) { Timeout = Limit, ThrowOnFailure = false }, cancellation);
            return Json(result.StandardOutput)?.Text("Client", "Version");
        });
        return Docker(client, result);
    }

    /// <summary>True where kubectl can log in with Entra.</summary>
    public async Task<bool> HasKubeloginAsync(CancellationToken cancellation)
    {
        try
        {
            await runner.RunAsync(new ProcessRequest("kubelogin", ["--version"]) { Timeout = Limit, ThrowOnFailure = false }, cancellation);
            return true;
        }
        catch (BuildException exception) when (exception.Code == ErrorCode.ToolMissing)
        {
            return false;
        }
    }

    private static DockerState Docker(ToolState client, ProcessResult? result)
    {
        var server = result is null ? null : Json(result.StandardOutput)?.Property("Server");
        if (server is not { } daemon || daemon.Text("Version") is not { } version)
        {
            var words = result?.StandardError.Trim();
            return new DockerState(client, null, null, string.IsNullOrEmpty(words) ? "no answer of a daemon" : words);
        }

        return new DockerState(client, version, $"{daemon.Text("Os")}/{daemon.Text("Arch")}", null);
    }

    private static async Task<ToolState> TryAsync(ToolRequirement requirement, Func<Task<string?>> ask)
    {
        try
        {
            return new ToolState(requirement, await ask(), null);
        }
        catch (BuildException exception)
        {
            return new ToolState(requirement, null, exception);
        }
    }

    private static JsonElement? Json(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
