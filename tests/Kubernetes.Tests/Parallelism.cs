using NUnit.Framework;

// Each fixture has an emulated cluster of its own, and waits most of the time: for pods to come and go, and for kubectl.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(6)]
