namespace Ambrosia.Emulators.Azure.State;

/// <summary>A resource of a kind that the emulator knows nothing of: somebody else's, planted by a test or put by a client.</summary>
public sealed class GenericResource : ArmResource
{
    internal GenericResource(ResourceGroup group, string type, string name, string location)
        : base(group, type, name, location)
    {
    }
}
