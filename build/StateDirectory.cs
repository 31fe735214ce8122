using System.Security.Cryptography;
using System.Text;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build;

/// <summary>
/// Where files lie that must not be in the checkout, such as a kubeconfig or docker's configuration with a login: a folder for each
/// deployment in the user's own state directory, readable by the user alone.
/// </summary>
public sealed class StateDirectory(ISettingsProvider settings, Func<string, string?> environment)
{
    /// <summary>The folder of this deployment, whether it exists or not.</summary>
    public string Path => System.IO.Path.Combine(Root(), NameOf(settings.Settings));

    /// <summary>The folder of this deployment, made where it is missing, with access for the user alone.</summary>
    public string Ensure()
    {
        if (OperatingSystem.IsWindows())
            return Directory.CreateDirectory(Path).FullName; // below the user's profile, which Windows protects
        return Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
    }

    /// <summary>A name for a person, and a hash of what tells deployments of one name apart.</summary>
    public static string NameOf(BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var identity = settings.Platform == PlatformKind.Aks
            ? $"{settings.Azure!.Subscription}/{settings.Azure.ResourceGroup}/{settings.Azure.Cluster.Name}"
            : settings.Kubernetes.Context ?? "";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{settings.Platform}/{identity}/{settings.Kubernetes.Namespace}".ToUpperInvariant()));
        return $"{settings.ServiceName}-{settings.Platform.ToString().ToLowerInvariant()}-{Convert.ToHexStringLower(hash.AsSpan(0, 8))}";
    }

    // https://specifications.freedesktop.org/basedir-spec: state of the user's, not of a machine to roam with.
    private string Root()
    {
        if (OperatingSystem.IsWindows())
            return System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "ambrosia");
        return environment("XDG_STATE_HOME") is { Length: > 0 } state && System.IO.Path.IsPathFullyQualified(state)
            ? System.IO.Path.Combine(state, "ambrosia")
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state", "ambrosia");
    }
}
