using NUnit.Framework;

// Most of them wait: for the compiler, for docker, for a registry that docker tries again and again. One thread for each fixture.
[assembly: LevelOfParallelism(8)]
