using Cake.Core;

namespace Cake.Frosting;

/// <inheritdoc cref="IFrostingTaskSetup"/>
public abstract class FrostingTaskSetup : FrostingTaskSetup<ICakeContext>;
