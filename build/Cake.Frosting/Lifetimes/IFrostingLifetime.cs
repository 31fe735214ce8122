namespace Cake.Frosting;

/// <summary>What happens around the whole run.</summary>
public interface IFrostingLifetime : IFrostingSetup, IFrostingTeardown;
