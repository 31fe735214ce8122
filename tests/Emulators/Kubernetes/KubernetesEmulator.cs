using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Access;
using Ambrosia.Emulators.Kubernetes.Api;
using Ambrosia.Emulators.Kubernetes.Controllers;
using Ambrosia.Emulators.Kubernetes.Pods;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Ambrosia.Emulators.Kubernetes;

/// <summary>A Kubernetes API on a free port of 127.0.0.1 for the real kubectl, with the controllers that make pods out of StatefulSets.</summary>
public sealed class KubernetesEmulator : IAsyncDisposable
{
    private readonly Cluster _cluster;
    private readonly Certificates _certificates;
    private readonly X509Certificate2 _serverCertificate;
    private readonly ControllerLoop _controllers;
    private readonly ApiServer _api;
    private readonly WebApplication _web;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<EmulatorUser> _users = [];
    private Task _running = Task.CompletedTask;
    private int _disposed;

    private KubernetesEmulator(EmulatorOptions options)
    {
        _cluster = new Cluster(options);
        _certificates = new Certificates(DateTimeOffset.UtcNow);
        _serverCertificate = _certificates.ForServer(options.ExpiredCertificate, options.CertificateOfAnotherName);
        _controllers = new ControllerLoop(_cluster);
        _api = new ApiServer(_cluster, Authenticate);
        State = new ClusterState(_cluster);
        Admin = AddUser("admin");
        _web = CreateServer();
        Prepare(options);
    }

    /// <summary>https://127.0.0.1:PORT</summary>
    public Uri Server { get; private set; } = new("https://127.0.0.1:0");

    /// <summary>The certificate of the authority that signed the server's.</summary>
    public string AuthorityPem => _certificates.AuthorityPem;

    /// <summary>A user with a token who may do everything.</summary>
    public EmulatorUser Admin { get; }

    /// <summary>The cluster's objects.</summary>
    public ClusterState State { get; }

    /// <summary>Which pods fare otherwise than well.</summary>
    public Scenario Scenario => _cluster.Scenario;

    /// <summary>All requests so far.</summary>
    public RequestLog Requests => _api.Requests;

    /// <summary>What goes wrong with requests.</summary>
    public Faults Faults => _api.Faults;

    /// <summary>What users may do.</summary>
    public AccessControl Access => _api.Access;

    /// <summary>Every secret that this cluster gave out: no file, line or argument may show one.</summary>
    public IReadOnlyList<string> Sentinels
    {
        get
        {
            lock (_gate)
            {
                return
                [
                    .. _users.Select(user => user.Token).OfType<string>(),
                    .. _users.Select(user => user.Certificate).OfType<X509Certificate2>().Select(certificate => Encode(KeyPem(certificate))),
                ];
            }
        }
    }

    /// <summary>Runs the commands of <c>kubectl exec</c>. Without it no program is found in any container.</summary>
    public Func<ExecCall, CancellationToken, Task<ExecResult>>? OnExec
    {
        get => _api.OnExec;
        set => _api.OnExec = value;
    }

    /// <summary>What a container does while it lives: called at each start, on a thread of its own; ends by itself or with <see cref="RunningContainer.Life"/>.</summary>
    public Func<RunningContainer, Task>? OnContainerStarted
    {
        get => _controllers.Kubelet.OnStarted;
        set => _controllers.Kubelet.OnStarted = value;
    }

    /// <summary>
    /// What a mutating admission policy does to every object that is written through the API, also in a dry run. Nobody is told as the owner of
    /// what it changes.
    /// </summary>
    public Action<JsonObject>? OnAdmission
    {
        get => _cluster.Mutate;
        set => _cluster.Mutate = value;
    }

    /// <summary>Starts an emulated cluster with the namespaces default and kube-system, nodes and storage classes.</summary>
    public static async Task<KubernetesEmulator> StartAsync(EmulatorOptions? options = null, CancellationToken cancellation = default)
    {
        var emulator = new KubernetesEmulator(options ?? new EmulatorOptions());
        await emulator._web.StartAsync(cancellation);
        emulator.Server = new Uri(emulator._web.Urls.First());
        if (emulator._cluster.Options.Controllers)
            emulator._running = Task.Run(() => emulator._controllers.RunAsync(emulator._stop.Token), CancellationToken.None);
        return emulator;
    }

    /// <summary>Someone else with a token, or with a client certificate.</summary>
    public EmulatorUser AddUser(string name, bool certificate = false)
    {
        var user = certificate
            ? new EmulatorUser(name, null, _certificates.ForUser(name))
            : new EmulatorUser(name, $"sentinel-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24))}", null);
        lock (_gate)
            _users.Add(user);
        return user;
    }

    /// <summary>From now on the user's token is unknown: 401.</summary>
    public void Revoke(EmulatorUser user)
    {
        lock (_gate)
            _users.Remove(user);
    }

    /// <summary>Writes a kubeconfig, for the owner's eyes only, in which the one context leads here.</summary>
    /// <param name="authorityPem">The authority that kubectl shall trust; null for the right one.</param>
    public void WriteKubeconfig(string path, EmulatorUser user, string contextName, string? @namespace = null, string? authorityPem = null)
    {
        var credentials = user.Certificate is { } certificate
            ? $"    client-certificate-data: {Encode(certificate.ExportCertificatePem())}\n    client-key-data: {Encode(KeyPem(certificate))}\n"
            : $"    token: {user.Token}\n";
        var text = $"""
            apiVersion: v1
            kind: Config
            current-context: ""
            clusters:
            - name: emulator
              cluster:
                server: {Server.GetLeftPart(UriPartial.Authority)}
                certificate-authority-data: {Encode(authorityPem ?? AuthorityPem)}
            contexts:
            - name: {contextName}
              context:
                cluster: emulator
                user: {user.Name}
                namespace: {@namespace ?? "default"}
            users:
            - name: {user.Name}
              user:

            """ + credentials;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    public async ValueTask DisposeAsync()
    {
        // A test may take the cluster away before its fixture does.
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_cluster.Store.Gate)
        {
            foreach (var runtime in _cluster.Runtimes.Values)
                runtime.End();
        }

        // Watches and followed logs would hold up a stop that waits for them.
        using var limit = new CancellationTokenSource(TimeSpan.Zero);
        await _web.StopAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _web.DisposeAsync();
        _serverCertificate.Dispose();
        foreach (var user in _users)
            user.Certificate?.Dispose();
        _certificates.Dispose();
        _stop.Dispose();
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string KeyPem(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    private WebApplication CreateServer()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listener =>
            {
                listener.Protocols = HttpProtocols.Http1;
                listener.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = _serverCertificate,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                    ClientCertificateValidation = (_, _, _) => true,
                });
            });
        });
        var web = builder.Build();
        web.UseWebSockets();
        web.Run(_api.HandleAsync);
        return web;
    }

    private string? Authenticate(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        lock (_gate)
        {
            if (header.StartsWith("Bearer ", StringComparison.Ordinal))
                return _users.Find(user => user.Token == header["Bearer ".Length..])?.Name;
            var name = _certificates.UserOf(http.Connection.ClientCertificate);
            return _users.Find(user => user.Name == name && user.Certificate is not null)?.Name;
        }
    }

    private void Prepare(EmulatorOptions options)
    {
        State.CreateNamespace("default");
        State.CreateNamespace("kube-system");
        foreach (var node in options.Nodes)
            State.AddNode(node, options.Architecture);
        foreach (var name in options.StorageClasses)
        {
            State.Put(new V1StorageClass
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    Annotations = name == options.StorageClasses[0] ? new Dictionary<string, string> { ["storageclass.kubernetes.io/is-default-class"] = "true" } : null,
                },
                Provisioner = "emulator.csi.invalid",
                AllowVolumeExpansion = true,
            });
        }
    }
}
