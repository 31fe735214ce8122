namespace Ambrosia.Emulators.Azure;

/// <summary>What an emulated tenant looks like from the start, and how long its work takes.</summary>
public sealed record AzureEmulatorOptions
{
    public string TenantId { get; init; } = "11111111-1111-1111-1111-111111111111";

    public string SubscriptionId { get; init; } = "22222222-2222-2222-2222-222222222222";

    public string SubscriptionName { get; init; } = "emulated subscription";

    /// <summary>The service principal that can log in from the start. Its secret is <see cref="SentinelSecrets.ClientSecret"/>.</summary>
    public string ClientId { get; init; } = "33333333-3333-3333-3333-333333333333";

    /// <summary>The object id of that service principal.</summary>
    public string PrincipalId { get; init; } = "44444444-4444-4444-4444-444444444444";

    /// <summary>The assertion of workload identity federation that logs any service principal in; null: none does.</summary>
    public string? FederatedToken { get; init; }

    /// <summary>How long long-running operations take; all of them end at once by default.</summary>
    public OperationDurations Durations { get; init; } = OperationDurations.None;

    /// <summary>Most items in one page of a list; further ones follow by <c>nextLink</c>. Null: one page holds all.</summary>
    public int? PageSize { get; init; }

    /// <summary>The time a client is told to wait between two looks at an operation. Below one second it is sent as <c>x-ms-retry-after-ms</c>, because <c>Retry-After</c> knows whole seconds only.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The login server of every registry. Null: the emulator itself (<c>localhost:PORT</c>), which answers the token endpoints.</summary>
    public string? LoginServer { get; init; }

    /// <summary>A real registry (http) to which the emulator passes what carries a valid token for <c>/v2/</c>, with the user and password of
    /// this address where it has them. Null: there are no images.</summary>
    public Uri? UpstreamRegistry { get; init; }

    /// <summary>What part of a cluster's creation passes before its kubelet identity can be seen, 0 to 1.</summary>
    public double KubeletIdentityAfter { get; init; } = 0.3;

    /// <summary>Accept a second assignment of the same role: <c>az aks update --attach-acr</c> of old Azure CLIs puts it twice.</summary>
    public bool AcceptDuplicateRoleAssignments { get; init; }

    /// <summary>Life of an access token.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(24);

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }
}
