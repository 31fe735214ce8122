namespace Ambrosia.Build;

/// <summary>Removes what the running program itself stands on, such as artifacts/, when nothing of it is needed any more.</summary>
public interface IDeferredRemoval
{
    /// <summary>The file or directory is removed after the host has returned; what is missing by then is no error.</summary>
    void RemoveAtExit(string path);
}
