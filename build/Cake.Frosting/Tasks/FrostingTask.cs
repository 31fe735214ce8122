using Cake.Core;

namespace Cake.Frosting;

/// <inheritdoc cref="FrostingTask{T}"/>
public abstract class FrostingTask : FrostingTask<ICakeContext>;
