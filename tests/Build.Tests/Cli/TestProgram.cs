using Ambrosia.Build.Cli;
using Cake.Core.Tooling;
using NSubstitute;

namespace Ambrosia.Build.Tests.Cli;

/// <summary>The test assembly as a program: what a test must see from outside runs in a process of its own.</summary>
public static class TestProgram
{
    /// <summary>Starts a child that ends with its standard input, prints <c>child ID</c>, and waits to be killed.</summary>
    public const string HoldChild = "hold-child";

    public static async Task<int> Main(string[] args)
    {
        if (args is not [HoldChild])
            return 64;
        using var runner = new ProcessRunner(
            new RecordingLog(), Substitute.For<IToolLocator>(), new SecretMask(), new CommandJournal(), TimeProvider.System);
        await using var child = runner.Start(new ProcessRequest("/bin/cat", []));
        await Console.Out.WriteLineAsync($"child {child.Id}");
        return await child.Exit;
    }
}
