using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("The whole pipeline, from source to a verified service")]
[IsDependentOn(typeof(Verify))]
public sealed class Default : FrostingTask<BuildContext>;
