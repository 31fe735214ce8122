using System.Runtime.InteropServices;

namespace Ambrosia.Hosting;

/// <summary>What .NET does not offer of Linux.</summary>
internal static unsafe partial class NativeMethods
{
    internal const int PrSetPdeathsig = 1;
    internal const int Sigkill = 9;
    internal const short PollRdhup = 0x2000;

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    internal static partial int Prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport("libc", EntryPoint = "getppid")]
    internal static partial int GetParentProcessId();

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Occurred;
    }
}
