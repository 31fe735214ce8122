using System.Text.Json;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Arm;
using Cake.Core.Tooling;

namespace Ambrosia.Build.Platforms.Aks.Tools;

/// <summary>Asks the programs that a deployment on Azure needs for their versions.</summary>
public sealed class AksTools(AzCli az, DockerCli docker, IProcessRunner runner, IToolLocator tools, StateDirectory state)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public Task<ToolState> AzAsync(CancellationToken cancellation) => ToolState.AskAsync(ToolRequirement.Az, async () =>
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

    public Task<ToolState> KubectlAsync(CancellationToken cancellation) => ToolState.AskAsync(ToolRequirement.Kubectl, async () =>
    {
        var result = await runner.RunAsync(new ProcessRequest("kubectl", ["version", "--client", "--output=json"]) { Timeout = Limit }, cancellation);
        return Json(result.StandardOutput)?.Text("clientVersion", "gitVersion")?.TrimStart('v');
    });

    /// <inheritdoc cref="DockerCli.StateAsync"/>
    public Task<DockerState> DockerAsync(CancellationToken cancellation) => docker.StateAsync(cancellation);

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
