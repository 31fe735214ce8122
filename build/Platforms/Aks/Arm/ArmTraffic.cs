namespace Ambrosia.Build.Platforms.Aks.Arm;

/// <summary>How many requests were sent to Azure Resource Manager, repetitions included.</summary>
public sealed class ArmTraffic
{
    private int _requests;

    public int Requests => Volatile.Read(ref _requests);

    internal void Count() => Interlocked.Increment(ref _requests);
}
