namespace Ambrosia.Hosting;

/// <summary>Exit codes of an app, after sysexits.h where that has a word for it.</summary>
public static class ExitCode
{
    public const int Success = 0;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 64;

    /// <summary>The app's own code failed; the same message will fail again unless the app is repaired.</summary>
    public const int Software = 70;

    /// <summary>The coordinator is gone; a restart is right.</summary>
    public const int CoordinatorGone = 75;

    /// <summary>The coordinator, or what sits on its port, does not speak the protocol.</summary>
    public const int Protocol = 76;
}
