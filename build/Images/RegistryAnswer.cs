namespace Ambrosia.Build.Images;

/// <summary>What a registry says to the question whether it has an image.</summary>
public abstract record RegistryAnswer
{
    public sealed record Has(string Digest) : RegistryAnswer;

    public sealed record HasNot : RegistryAnswer;

    /// <summary>It is not reachable from this process, or wants a login that docker alone knows: docker will find out.</summary>
    public sealed record CannotTell(string Reason) : RegistryAnswer;
}
