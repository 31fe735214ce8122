using NUnit.Framework;

// Two cores is what a small build agent has.
[assembly: LevelOfParallelism(2)]
