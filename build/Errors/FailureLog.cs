using System.Globalization;
using Ambrosia.Build.Cli;
using Cake.Core.Diagnostics;

namespace Ambrosia.Build.Errors;

/// <summary>
/// Gives the host's last words our form: a <see cref="BuildException"/> is printed as it is, anything else with a code and a hint,
/// and after a signal nothing, since <see cref="SignalShutdown"/> has said it. It sits in the log, not in the host, so that it works
/// with the official host too. All that is logged passes here, so secrets are masked here, whoever wrote them.
/// </summary>
public sealed class FailureLog(ICakeLog inner, IShutdown shutdown, ISecretMask mask) : ICakeLog
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
        var text = args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);
        var masked = mask.Mask(text);
        if (level <= LogLevel.Error)
        {
            if (FailureOutput.Rewrite(masked, HostPrefix, EnginePrefix, shutdown.ExitCode is not null) is { } rewritten)
                inner.Write(verbosity, level, "{0}", rewritten);
        }
        else if (masked == text)
        {
            inner.Write(verbosity, level, format, args); // Cake paints the arguments
        }
        else
        {
            inner.Write(verbosity, level, "{0}", masked);
        }
    }
}
