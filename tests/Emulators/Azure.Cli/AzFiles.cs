using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Testing;

namespace Ambrosia.Emulators.Azure.Cli;

/// <summary>The files of a config directory that make <c>az</c> know the emulator as its cloud, with or without being logged in.</summary>
internal static class AzFiles
{
    public const string Cloud = "emu";

    // Making the index of commands costs the first az of a config directory about a second: one is made a test run, and copied.
    private static readonly Lazy<Task<IReadOnlyDictionary<string, byte[]>>> Warm = new(WarmAsync);

    public static async Task WriteAsync(string directory, AzureEmulator emulator, bool loggedIn, CancellationToken cancellation)
    {
        foreach (var (name, content) in await Warm.Value)
            await File.WriteAllBytesAsync(Path.Combine(directory, name), content, cancellation);
        await WriteAsync("config", $"[cloud]\nname = {Cloud}\n\n[core]\ncollect_telemetry = false\n");
        await WriteAsync("clouds.config", CloudSection(emulator, loggedIn));
        if (!loggedIn)
            return;
        await WriteAsync("azureProfile.json", Profile(emulator).ToJsonString());
        await WriteAsync("service_principal_entries.json", new JsonArray(new JsonObject
        {
            ["client_id"] = emulator.Options.ClientId,
            ["tenant"] = emulator.Options.TenantId,
            ["client_secret"] = emulator.Secrets.ClientSecret,
        }).ToJsonString());

        Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(directory, name), text, new UTF8Encoding(false), cancellation);
    }

    private static string CloudSection(AzureEmulator emulator, bool loggedIn)
    {
        var root = emulator.BaseUri.AbsoluteUri;
        return $"""
            [{Cloud}]
            endpoint_management = {root}
            endpoint_resource_manager = {root}
            endpoint_gallery = {root}
            endpoint_active_directory = {root}adfs
            endpoint_active_directory_resource_id = {root}
            endpoint_active_directory_graph_resource_id = {root}
            endpoint_microsoft_graph_resource_id = {root}
            endpoint_portal = {root}
            suffix_storage_endpoint = core.emu.test
            suffix_keyvault_dns = .vault.emu.test
            suffix_acr_login_server_endpoint = .azurecr.emu.test
            {(loggedIn ? $"subscription = {emulator.Options.SubscriptionId}" : "")}

            """;
    }

    private static JsonObject Profile(AzureEmulator emulator) => new()
    {
        ["installationId"] = "00000000-0000-0000-0000-000000000000",
        ["subscriptions"] = new JsonArray([.. emulator.State.Subscriptions.Select((subscription, index) => new JsonObject
        {
            ["id"] = subscription.Id,
            ["name"] = subscription.Name,
            ["state"] = subscription.State,
            ["user"] = new JsonObject { ["name"] = emulator.Options.ClientId, ["type"] = "servicePrincipal" },
            ["isDefault"] = index == 0,
            ["tenantId"] = emulator.Options.TenantId,
            ["homeTenantId"] = emulator.Options.TenantId,
            ["managedByTenants"] = new JsonArray(),
            ["environmentName"] = Cloud,
        })]),
    };

    private static async Task<IReadOnlyDictionary<string, byte[]>> WarmAsync()
    {
        var directory = Directory.CreateTempSubdirectory("az-warm-");
        try
        {
            await using var proxy = new GuardProxy();
            var start = new ProcessStartInfo(Tools.Require("az", "install the package azure-cli"), ["group", "--help"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["AZURE_CONFIG_DIR"] = directory.FullName;
            start.Environment["AZURE_CORE_COLLECT_TELEMETRY"] = "0";
            start.Environment["HTTPS_PROXY"] = start.Environment["HTTP_PROXY"] = proxy.Address.AbsoluteUri;
            using var process = Process.Start(start)!;
            await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync(), process.WaitForExitAsync());
            return directory.GetFiles("*.json").Where(file => file.Name is "commandIndex.json" or "versionCheck.json")
                .ToDictionary(file => file.Name, file => File.ReadAllBytes(file.FullName));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
