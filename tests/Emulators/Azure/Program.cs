using System.Runtime.InteropServices;
using Ambrosia.Emulators.Azure;

// By hand: `dotnet run --project tests/Emulators/Azure [PORT]`, then paste the printed lines into a shell, where `az` meets the emulator.
var port = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 0;
await using var emulator = await AzureEmulator.StartAsync(new AzureEmulatorOptions { Port = port });
var root = emulator.BaseUri;
await Console.Out.WriteLineAsync($$$"""
    export AZURE_CONFIG_DIR=$(mktemp -d) REQUESTS_CA_BUNDLE={{{emulator.CaCertificatePath}}} SSL_CERT_FILE={{{emulator.CaCertificatePath}}}
    export AZURE_CORE_COLLECT_TELEMETRY=0 AZURE_EXTENSION_USE_DYNAMIC_INSTALL=no
    az cloud register -n emu --cloud-config '{"endpoints":{"resourceManager":"{{{root}}}","management":"{{{root}}}","activeDirectory":"{{{root}}}adfs","activeDirectoryResourceId":"{{{root}}}","activeDirectoryGraphResourceId":"{{{root}}}","microsoftGraphResourceId":"{{{root}}}","gallery":"{{{root}}}","portal":"{{{root}}}"},"suffixes":{"storageEndpoint":"core.emu.test","acrLoginServerEndpoint":".azurecr.emu.test","keyvaultDns":".vault.emu.test"}}'
    az cloud set -n emu
    az login --service-principal -u {{{emulator.Options.ClientId}}} -p {{{emulator.Secrets.ClientSecret}}} --tenant {{{emulator.Options.TenantId}}}
    """);
var stop = new TaskCompletionSource();
void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.TrySetResult();
}
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
await stop.Task;
