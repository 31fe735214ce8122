using System.Globalization;

namespace Ambrosia.Hosting;

/// <summary>
/// An app that outlives its coordinator would go on computing from messages that nobody logs, and its successor could not be told from
/// it; so the end of either is the end of both.
/// </summary>
internal static class FateSharing
{
    /// <summary>
    /// Lets the kernel end this process when the coordinator dies, so that even a stopped or spinning app goes. Linux only, and only
    /// where the coordinator says that it is the parent: the signal comes when the parent's starting thread ends, which the coordinator
    /// must have seen to.
    /// </summary>
    /// <param name="coordinatorPid">The value of <see cref="EnvironmentVariables.CoordinatorPid"/>; null when no coordinator says that it started the app.</param>
    /// <returns>False when the coordinator is dead already.</returns>
    public static bool TieToParent(string? coordinatorPid)
    {
        if (!OperatingSystem.IsLinux() || !int.TryParse(coordinatorPid, CultureInfo.InvariantCulture, out var pid)) return true;
        if (NativeMethods.GetParentProcessId() != pid) return IsAlive(pid);
        if (NativeMethods.Prctl(NativeMethods.PrSetPdeathsig, NativeMethods.Sigkill, 0, 0, 0) != 0) return true;

        // It may have died between the first look and the call.
        return NativeMethods.GetParentProcessId() == pid;
    }

    /// <summary>
    /// Calls <paramref name="onGone"/> as soon as either connection ends, on a thread of its own: the thread that runs the handlers may
    /// be busy with one for long.
    /// </summary>
    public static void Watch(CoordinatorConnection connection, Action onGone)
    {
        var thread = new Thread(() =>
        {
            if (OperatingSystem.IsLinux()) WaitForHangUp(connection);
            else WaitForEndOfSending(connection);
            onGone();
        })
        {
            IsBackground = true,
            Name = "coordinator watch",
        };
        thread.Start();
    }

    private static bool IsAlive(int pid) => Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}"));

    /// <summary>Only POLLRDHUP tells of the end while received bytes still wait to be read.</summary>
    private static unsafe void WaitForHangUp(CoordinatorConnection connection)
    {
        const int Interrupted = 4;
        var sockets = stackalloc NativeMethods.PollDescriptor[2];
        sockets[0] = new() { Descriptor = (int)connection.Receiving.Handle, Events = NativeMethods.PollRdhup };
        sockets[1] = new() { Descriptor = (int)connection.Sending.Handle, Events = NativeMethods.PollRdhup };
        while (NativeMethods.Poll(sockets, 2, -1) < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Interrupted)
        {
            // A signal; wait on.
        }
    }

    /// <summary>The coordinator never sends on this connection, so whatever ends the wait is its end.</summary>
    private static void WaitForEndOfSending(CoordinatorConnection connection)
    {
        try
        {
            connection.Sending.Receive(new byte[1]);
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // An error is an end as well.
        }
    }
}
