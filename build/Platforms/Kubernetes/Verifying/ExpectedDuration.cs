using System.Globalization;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Verifying;

/// <summary>How long the work will take, before anything was measured; the view corrects it by the rates that come in. Pure.</summary>
internal static class ExpectedDuration
{
    /// <summary>What the README of the original's AKS scripts shows for 65536-byte messages, with its logs on a Standard share.</summary>
    private const double OriginalGibPerSecond = 0.0104;

    public static string Describe(VerifySettings verify)
    {
        var gib = verify.ExpectedBytes / (double)Figures.Gibibyte;
        var expected = TimeSpan.FromSeconds(gib / OriginalGibPerSecond);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Work: {verify.Rounds} rounds of {Figures.MiB(verify.RoundBytes)}, about {Figures.Clock(expected)} at the rate that the original measured on a Standard share ({OriginalGibPerSecond} GiB/s); the time to go is corrected by the rates that come in.");
    }
}
