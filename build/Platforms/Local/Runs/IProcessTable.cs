namespace Ambrosia.Build.Platforms.Local.Runs;

/// <summary>Processes that are not our children: the apps below the coordinators, and what another run of the suite has started.</summary>
public interface IProcessTable
{
    ProcessIdentity? Find(int pid);

    bool IsAlive(ProcessIdentity process);

    /// <summary>SIGKILL to this process alone.</summary>
    /// <returns>Whether there was something to kill: false when it is gone.</returns>
    bool Kill(ProcessIdentity process);

    /// <summary>SIGTERM, where the system has it.</summary>
    void Terminate(ProcessIdentity process);

    /// <summary>Most physical memory that the process has held, in bytes; null where the system does not tell.</summary>
    long? PeakMemory(ProcessIdentity process);
}
