namespace Ambrosia.Testing;

/// <summary>The real kubectl programs that tests run; <c>tests/tools/install-kubectl.sh</c> puts them below artifacts/test-tools.</summary>
/// <remarks>Never the kubectl of PATH: a distribution's one may be a dispatcher that starts another version than it says.</remarks>
public static class KubectlBinaries
{
    /// <summary>The minor versions of Kubernetes 1 whose kubectl tests run: the oldest supported one and the newest.</summary>
    public static IReadOnlyList<int> Minors { get; } = [31, 35];

    /// <summary>The absolute path of the kubectl of a version. Where it is missing the test is skipped with the reason, but fails where CI=true.</summary>
    /// <param name="minor">31 for kubectl 1.31.</param>
    public static string Require(int minor) =>
        Find(minor) ?? throw Tools.Missing($"kubectl 1.{minor} is missing: run tests/tools/install-kubectl.sh.");

    /// <summary>The absolute path of the kubectl of a version; null where it is missing.</summary>
    public static string? Find(int minor)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (!File.Exists(Path.Combine(directory.FullName, "Ambrosia.slnx")))
                continue;
            var path = Path.Combine(directory.FullName, "artifacts", "test-tools", $"kubectl-1.{minor}", "kubectl");
            return File.Exists(path) ? path : null;
        }

        return null;
    }
}
