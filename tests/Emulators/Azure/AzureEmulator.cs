using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Ambrosia.Emulators.Azure.Endpoints;
using Ambrosia.Emulators.Azure.Faults;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;
using Ambrosia.Emulators.Azure.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ambrosia.Emulators.Azure;

/// <summary>Azure on loopback, in this process: Resource Manager, login, Graph and the registry's token endpoints at one TLS port.</summary>
public sealed class AzureEmulator : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly EmulatorCertificate _certificate;
    private readonly DirectoryInfo _directory;
    private readonly AccessTokens _tokens;
    private readonly MutationHooks _hooks;
    private readonly RegistryData _images;

    private AzureEmulator(
        WebApplication app, EmulatorCertificate certificate, DirectoryInfo directory, AzureEmulatorOptions options, AzureState state, RequestLog requests,
        FaultPlan faults, SentinelSecrets secrets, AccessTokens tokens, MutationHooks hooks, RegistryData images)
    {
        _app = app;
        _certificate = certificate;
        _directory = directory;
        _tokens = tokens;
        _hooks = hooks;
        _images = images;
        Options = options;
        State = state;
        Requests = requests;
        Faults = faults;
        Secrets = secrets;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        BaseUri = new Uri($"https://localhost:{new Uri(address).Port}/");
        if (state.DefaultLoginServer.Length == 0)
            state.DefaultLoginServer = BaseUri.Authority;
    }

    public AzureEmulatorOptions Options { get; }

    /// <summary><c>https://localhost:PORT/</c>.</summary>
    public Uri BaseUri { get; }

    /// <summary>The certificate authority as a PEM file; it goes with the emulator.</summary>
    public string CaCertificatePath => Path.Combine(_directory.FullName, "ca.pem");

    public AzureState State { get; }

    public RequestLog Requests { get; }

    public FaultPlan Faults { get; }

    public SentinelSecrets Secrets { get; }

    /// <summary>Mutations that were let in so far.</summary>
    public int MutationCount => _hooks.Count;

    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<AzureEmulator> StartAsync(AzureEmulatorOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new AzureEmulatorOptions();
        var certificate = EmulatorCertificate.Create();
        var directory = Directory.CreateTempSubdirectory("azure-emulator-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "ca.pem"), certificate.Authority.ExportCertificatePem() + "\n", cancellation);
            var secrets = new SentinelSecrets();
            var state = new AzureState(options, secrets) { DefaultLoginServer = options.LoginServer ?? "" };
            var tokens = new AccessTokens(options, secrets);
            var hooks = new MutationHooks();
            var requests = new RequestLog();
            var faults = new FaultPlan();
            var app = Build(options, certificate);
            var pipeline = new RequestPipeline(state, requests, faults, tokens, hooks, secrets, options.Clock);
            app.Use(pipeline.RecordAsync);
            app.Use(RequestPipeline.NormaliseAsync);
            app.Use(pipeline.MeetFaultAsync);
            app.Use(pipeline.AuthorizeAsync);
            app.UseRouting();
            var access = new RegistryAccess(state);
            var images = new RegistryData(access, options.UpstreamRegistry);
            images.Map(app);
            MapEndpoints(new EndpointMap(app, state, pipeline), state, tokens, access);
            await app.StartAsync(cancellation);
            return new AzureEmulator(app, certificate, directory, options, state, requests, faults, secrets, tokens, hooks, images);
        }
        catch
        {
            directory.Delete(recursive: true);
            certificate.Dispose();
            throw;
        }
    }

    /// <summary>Calls <paramref name="hook"/> before each mutation is carried out. The request waits for it; where the hook throws an
    /// <see cref="OperationCanceledException"/> the connection is dropped and nothing happens.</summary>
    public void BeforeMutation(Func<Mutation, Task> hook) => _hooks.AddBefore(hook);

    /// <summary>Calls <paramref name="hook"/> after each mutation was carried out, before its client hears of it.</summary>
    public void OnMutation(Func<Mutation, Task> hook) => _hooks.AddAfter(hook);

    /// <summary>Forgets the hooks, and counts mutations from 1 again.</summary>
    public void ClearHooks() => _hooks.Clear();

    /// <summary>Every access token issued so far is past its life from now on.</summary>
    public void ExpireTokens() => _tokens.ExpireAll();

    /// <summary>A good access token for the service principal that exists from the start.</summary>
    public string IssueToken() => _tokens.Issue(Options.ClientId, Options.PrincipalId, BaseUri.AbsoluteUri);

    /// <summary>A client that trusts the emulator, with a token.</summary>
    public HttpClient CreateClient()
    {
        var client = new HttpClient(CreateHandler()) { BaseAddress = BaseUri };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", IssueToken());
        return client;
    }

    /// <summary>A handler that trusts the emulator.</summary>
    public SocketsHttpHandler CreateHandler()
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { _certificate.Authority },
        };
        return handler;
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
        _images.Dispose();
        _certificate.Dispose();
        _directory.Delete(recursive: true);
    }

    private static WebApplication Build(AzureEmulatorOptions options, EmulatorCertificate certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.UseHttps(certificate.Server);
            });
        });
        return builder.Build();
    }

    private static void MapEndpoints(EndpointMap map, AzureState state, AccessTokens tokens, RegistryAccess access)
    {
        var operations = new Operations(state);
        operations.Map(map);
        new LoginEndpoints(state, tokens).Map(map);
        new SubscriptionEndpoints(state).Map(map);
        new ResourceGroupEndpoints(state, operations).Map(map);
        new StorageEndpoints(state, operations).Map(map);
        new RegistryEndpoints(state, operations).Map(map);
        new RegistryTokenEndpoints(tokens, access).Map(map);
        new ClusterEndpoints(state, operations).Map(map);
        new AuthorizationEndpoints(state).Map(map);
        new GraphEndpoints(state).Map(map);
        new ComputeEndpoints(state).Map(map);
        new GenericResourceEndpoints(state).Map(map);
        map.MapFallback();
    }
}
