using System.Globalization;
using Ambrosia.Coordinator.Native;
using Ambrosia.Coordinator.Streams;

namespace Ambrosia.Coordinator;

/// <summary>
/// For tests of crash safety: <c>AMBROSIA_TEST_KILL_AT=RecordFlushed:3</c> ends the process with SIGKILL when it passes that step for the
/// third time. Without the variable there is nothing.
/// </summary>
internal static class StepKiller
{
    public const string Variable = "AMBROSIA_TEST_KILL_AT";

    public static Action<Step>? FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text)
            return null;
        if (text.Split(':') is not [var name, var count] || !Enum.TryParse<Step>(name, out var step)
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var left))
        {
            throw new CoordinatorException(
                Codes.Usage, $"{Variable}={text} is not STEP:COUNT.", null, $"Steps: {string.Join(", ", Enum.GetNames<Step>())}.", ExitCodes.Usage);
        }

        return passed =>
        {
            if (passed == step && Interlocked.Decrement(ref left) == 0)
                _ = Libc.Kill(Environment.ProcessId, Libc.SigKill);
        };
    }
}
