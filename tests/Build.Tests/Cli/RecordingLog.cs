using System.Collections.Concurrent;
using System.Globalization;
using Cake.Core.Diagnostics;

namespace Ambrosia.Build.Tests.Cli;

/// <summary>Keeps what is logged, as text.</summary>
public sealed class RecordingLog : ICakeLog
{
    private readonly ConcurrentQueue<string> _entries = new();

    public Verbosity Verbosity { get; set; } = Verbosity.Diagnostic;

    public IReadOnlyCollection<string> Entries => _entries;

    public void Write(Verbosity verbosity, LogLevel level, string format, params object[] args) =>
        _entries.Enqueue(string.Format(CultureInfo.InvariantCulture, format, args));
}
