using Cake.Core;

namespace Cake.Frosting;

/// <summary>Called after each task, failed or not.</summary>
public interface IFrostingTaskTeardown
{
    void Teardown(ICakeContext context, ITaskTeardownContext info);
}
