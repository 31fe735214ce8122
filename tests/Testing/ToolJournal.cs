namespace Ambrosia.Testing;

/// <summary>
/// A directory for the front of PATH whose programs note their arguments and then become the real ones: no process more, and the same process
/// id. Unlike <see cref="ArgumentWatch"/> it misses none.
/// </summary>
/// <param name="directory">Holds <c>bin</c>, and a journal for each program.</param>
public sealed class ToolJournal(string directory)
{
    /// <summary>For the front of PATH.</summary>
    public string Bin { get; } = Directory.CreateDirectory(Path.Combine(directory, "bin")).FullName;

    /// <param name="name">As it is called.</param>
    /// <param name="program">Absolute path of what it becomes.</param>
    public void Add(string name, string program)
    {
        var wrapper = Path.Combine(Bin, name);
        File.WriteAllText(wrapper, $"#!/bin/sh\nprintf '%s\\0' \"$*\" >> '{PathOf(name)}'\nexec '{program}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(wrapper, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>The arguments of every call, joined by spaces, in the order of their starts.</summary>
    public IReadOnlyList<string> CallsOf(string name) =>
        File.Exists(PathOf(name)) ? File.ReadAllText(PathOf(name)).Split('\0')[..^1] : [];

    private string PathOf(string name) => Path.Combine(directory, $"calls-of-{name}");
}
