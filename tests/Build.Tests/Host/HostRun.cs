using Cake.Core;
using Cake.Frosting;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;
using Spectre.Console.Testing;

namespace Ambrosia.Build.Tests.Host;

/// <summary>One run of a host that has only the tasks it is given.</summary>
internal sealed class HostRun : IDisposable
{
    private readonly CakeHost _host = new();
    private readonly RecordingCakeConsole _console = new();
    private readonly TestConsole _ansi = new();
    private readonly Trace _trace = new();

    public HostRun(params Type[] tasks) => _host.ConfigureServices(services =>
    {
        foreach (var task in tasks)
            services.AddSingleton(typeof(IFrostingTask), task);
        services.AddSingleton(_trace);
        services.AddSingleton<IConsole>(_console);
        services.AddSingleton<IAnsiConsole>(_ansi);
    });

    public IReadOnlyList<string> Trace => _trace;

    public string Output => _console.Output;

    public string Error => _console.Error;

    public string Table => _ansi.Output;

    public int ExitCode { get; private set; }

    public HostRun With(Action<CakeHost> configure)
    {
        configure(_host);
        return this;
    }

    public void Dispose() => _ansi.Dispose();

    public HostRun Run(params string[] args)
    {
        ExitCode = _host.Run(args);
        return this;
    }
}

/// <summary>What happened, in order. Injected into the tasks of a test.</summary>
public sealed class Trace : List<string>;
