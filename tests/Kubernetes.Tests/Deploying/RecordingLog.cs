using System.Collections.Concurrent;
using System.Globalization;
using Cake.Core.Diagnostics;

namespace Ambrosia.Kubernetes.Tests.Deploying;

/// <summary>Keeps what is logged at the highest verbosity.</summary>
internal sealed class RecordingLog : ICakeLog
{
    private readonly ConcurrentQueue<string> _lines = new();

    public Verbosity Verbosity { get; set; } = Verbosity.Diagnostic;

    public IEnumerable<string> Lines => _lines;

    public void Write(Verbosity verbosity, LogLevel level, string format, params object[] args) =>
        _lines.Enqueue(string.Format(CultureInfo.InvariantCulture, format, args));
}
