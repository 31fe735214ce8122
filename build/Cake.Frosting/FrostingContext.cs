using Cake.Core;

namespace Cake.Frosting;

/// <summary>The base of a build's own context; by itself it adds nothing to Cake's.</summary>
public class FrostingContext(ICakeContext context) : CakeContextAdapter(context), IFrostingContext;
