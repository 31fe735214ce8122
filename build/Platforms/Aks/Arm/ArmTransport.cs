namespace Ambrosia.Build.Platforms.Aks.Arm;

/// <summary>What requests to Azure Resource Manager go through: the system's trust and proxy, as every .NET program has them.</summary>
/// <param name="CreateHandler">Makes the end of the pipeline, once.</param>
public sealed record ArmTransport(Func<HttpMessageHandler> CreateHandler)
{
    // Connections are renewed so that a change of DNS during a run of hours is seen.
    public static ArmTransport Default { get; } = new(() => new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(15),
        AutomaticDecompression = System.Net.DecompressionMethods.All,
        AllowAutoRedirect = false, // a token is for one host
    });
}
