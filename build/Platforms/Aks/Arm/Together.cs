namespace Ambrosia.Build.Platforms.Aks.Arm;

/// <summary>Work done side by side of which one failure is enough.</summary>
internal static class Together
{
    /// <summary>
    /// Waits for all. The first that fails cancels the others through <paramref name="cancellation"/>; they are waited for, and its
    /// exception is thrown, not the cancellations that followed it.
    /// </summary>
    public static async Task AllAsync(CancellationTokenSource cancellation, params IReadOnlyList<Task> tasks)
    {
        var pending = tasks.ToList();
        Task? failed = null;
        while (pending.Count > 0)
        {
            var ended = await Task.WhenAny(pending);
            pending.Remove(ended);
            if (ended.IsCompletedSuccessfully || failed is not null)
                continue;
            failed = ended;
            await cancellation.CancelAsync();
        }

        if (failed is not null)
            await failed;
    }
}
