using System.Security.Cryptography.X509Certificates;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Platforms.Aks;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Emulators.Azure.Cli;
using ArmClient = Ambrosia.Build.Platforms.Aks.Arm.ArmClient;

namespace Ambrosia.Azure.Tests.Provisioning;

/// <summary>A session that is open already: the real reads of the emulator, without the seconds that az takes to tell who it is.</summary>
internal sealed class EmulatorSession : IAzureSession, IArmCredentials, IDisposable
{
    private readonly AzHost _host;
    private readonly ArmClient _arm;

    public EmulatorSession(AzHost host, ArmTraffic traffic, ISecretMask mask)
    {
        _host = host;
        Transport = new ArmTransport(Handler);
        _arm = new ArmClient(this, Transport, traffic, mask, TimeProvider.System);
    }

    public IArmClient Arm => _arm;

    public ArmTransport Transport { get; }

    public Task<AzureAccount> GetAccountAsync(CancellationToken cancellation) => Task.FromResult(new AzureAccount(
        _host.Emulator.Options.SubscriptionId, "emulated", _host.Emulator.Options.TenantId, _host.Emulator.Options.ClientId, "servicePrincipal", "emu"));

    public Task<AzureCloud> GetCloudAsync(CancellationToken cancellation) => Task.FromResult(new AzureCloud(
        _host.Emulator.BaseUri, _host.Emulator.BaseUri.AbsoluteUri, _host.Emulator.BaseUri, "file.core.emu.test", "azurecr.emu.test"));

    public Task<Uri> GetEndpointAsync(CancellationToken cancellation) => Task.FromResult(_host.Emulator.BaseUri);

    public Task<string> GetTokenAsync(string? refused, CancellationToken cancellation) => Task.FromResult(_host.Emulator.IssueToken());

    public void Dispose() => _arm.Dispose();

    private SocketsHttpHandler Handler()
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509Certificate2.CreateFromPem(File.ReadAllText(_host.Emulator.CaCertificatePath)) },
        };
        return handler;
    }
}
