using System.Globalization;
using Cake.Core.Diagnostics;

namespace Ambrosia.Build.Errors;

/// <summary>
/// Gives the host's last words our form: a <see cref="BuildException"/> is printed as it is, anything else with a code and a hint,
/// and after a signal nothing, since <see cref="SignalShutdown"/> has said it. It sits in the log, not in the host, so that it works
/// with the official host too. Secrets are masked elsewhere, where they are known.
/// </summary>
public sealed class FailureLog(ICakeLog inner, IShutdown shutdown) : ICakeLog
{
    private const string HostPrefix = "Error: ";
    private const string EnginePrefix = "An error occurred when executing task";

    public Verbosity Verbosity
    {
        get => inner.Verbosity;
        set => inner.Verbosity = value;
    }

    public void Write(Verbosity verbosity, LogLevel level, string format, params object[] args)
    {
        if (level > LogLevel.Error)
        {
            inner.Write(verbosity, level, format, args);
            return;
        }

        var text = args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);
        if (FailureOutput.Rewrite(text, HostPrefix, EnginePrefix, shutdown.ExitCode is not null) is { } rewritten)
            inner.Write(verbosity, level, "{0}", rewritten);
    }
}
