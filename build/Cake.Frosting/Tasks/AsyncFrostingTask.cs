using Cake.Core;

namespace Cake.Frosting;

/// <inheritdoc cref="AsyncFrostingTask{T}"/>
public abstract class AsyncFrostingTask : AsyncFrostingTask<ICakeContext>;
