using Ambrosia.Testing;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>What a machine's clocks say, for processes that run with it.</summary>
/// <param name="Fake">In libfaketime's words: an offset of the wall clock, or a speed of every clock; null where they are right.</param>
/// <param name="Booted">True: it has been up for a day more than this machine.</param>
public sealed record Clock(string Name, string? Fake = null, bool Booted = false)
{
    private const string Remedy = "run tests/tools/install.sh as root";

    /// <summary>
    /// Its own boot id, so that no other one takes its processes for processes of the same machine, and its own shared memory, in which
    /// libfaketime would leave files behind when its process is killed.
    /// </summary>
    private const string Script = """
        set -e
        cat /proc/sys/kernel/random/uuid > "$1"
        mount --bind "$1" /proc/sys/kernel/random/boot_id
        mount -t tmpfs tmpfs /dev/shm
        shift
        exec env "$@"
        """;

    public static Clock Right { get; } = new("a clock that is right");

    private bool IsSpeed => Fake?.Contains('x', StringComparison.Ordinal) == true;

    public override string ToString() => Name;

    /// <param name="machine">A directory for what makes up this machine.</param>
    internal void Use(Node node, string machine)
    {
        Directory.CreateDirectory(machine);
        string[] clocks = Booted ? ["--time", "--monotonic", "86400", "--boottime", "86400"] : [];
        List<string> environment = Fake is null ? [] : [$"LD_PRELOAD={Library()}", $"FAKETIME={Fake}"];
        if (IsSpeed)
            node.Program = WithFakeBootClock(Path.Combine(machine, "bin"));
        node.Wrapper = ["unshare", "--mount", .. clocks, "sh", "-c", Script, "sh", Path.Combine(machine, "boot_id"), .. environment];
    }

    /// <summary>
    /// .NET's own calls for the time find libfaketime by themselves. The coordinator's call for CLOCK_BOOTTIME looks into the library "libc" by
    /// that name, and in this copy of the coordinator the name leads to libfaketime, which leads to the C library in turn.
    /// </summary>
    private static string WithFakeBootClock(string directory)
    {
        Directory.CreateDirectory(directory);
        var source = TestContext.CurrentContext.TestDirectory;
        foreach (var file in Directory.GetFiles(source, "ImmortalCoordinator*").Append(Path.Combine(source, "Ambrosia.dll")).Append(Path.Combine(source, "System.IO.Hashing.dll")))
            File.Copy(file, Path.Combine(directory, Path.GetFileName(file)), overwrite: true);
        File.CreateSymbolicLink(Path.Combine(directory, "libc.so"), Library());
        return Path.Combine(directory, "ImmortalCoordinator");
    }

    private static string Library() =>
        Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu").Select(directory => Path.Combine(directory, "faketime", "libfaketimeMT.so.1")).FirstOrDefault(File.Exists)
        ?? throw Tools.Missing($"libfaketime is missing: {Remedy}.");
}
