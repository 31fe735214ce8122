using NUnit.Framework;

namespace Ambrosia.Build.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AsyncOnceTests
{
    private readonly AsyncOnce<string?> _once = new();
    private int _made;

    [Test]
    public async Task It_is_made_once_for_all_who_ask_at_once_and_later()
    {
        var answer = new TaskCompletionSource<string?>();

        var first = Get(_ => answer.Task);
        var second = Get(_ => answer.Task);
        var before = _once.Known;
        answer.SetResult("made");

        Assert.That((await first, await second, await Get(_ => throw new InvalidOperationException())), Is.EqualTo(("made", "made", "made")));
        Assert.That((_made, before, _once.Known), Is.EqualTo((1, (string?)null, "made")));
    }

    [Test]
    public async Task A_failure_is_the_callers_and_the_next_one_tries_again()
    {
        var answer = new TaskCompletionSource<string?>();
        var first = Get(_ => answer.Task);
        var second = Get(_ => Task.FromResult<string?>("made"));

        answer.SetException(new IOException("once"));

        Assert.That(await Assert.ThrowsAsync<IOException>(() => first), Is.Not.Null);
        Assert.That((await second, _made), Is.EqualTo(("made", 2)));
    }

    [Test]
    public async Task Nothing_is_not_remembered()
    {
        Assert.That(await Get(_ => Task.FromResult<string?>(null)), Is.Null);
        Assert.That((await Get(_ => Task.FromResult<string?>("made")), _made), Is.EqualTo(("made", 2)));
    }

    [Test]
    public async Task Who_waits_can_leave_without_ending_the_making()
    {
        using var leaving = new CancellationTokenSource();
        var answer = new TaskCompletionSource<string?>();
        var first = Get(_ => answer.Task);
        var second = Get(_ => answer.Task, leaving.Token);

        await leaving.CancelAsync();
        Assert.That(() => second, Throws.InstanceOf<OperationCanceledException>());
        answer.SetResult("made");

        Assert.That((await first, _made), Is.EqualTo(("made", 1)));
    }

    [Test]
    public async Task The_cancellation_of_who_makes_it_is_not_that_of_who_waits()
    {
        using var leaving = new CancellationTokenSource();
        var first = Get(
            async token =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return "never";
            },
            leaving.Token);
        var second = Get(_ => Task.FromResult<string?>("made"));

        await leaving.CancelAsync();

        Assert.That(() => first, Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await second, _made), Is.EqualTo(("made", 2)));
    }

    [Test]
    public async Task What_is_forgotten_is_made_anew()
    {
        await Get(_ => Task.FromResult<string?>("first"));
        var isUndone = false;

        await _once.ForgetAsync(() => isUndone = true, default);

        Assert.That((isUndone, _once.Known), Is.EqualTo((true, (string?)null)));
        Assert.That(await Get(_ => Task.FromResult<string?>("second")), Is.EqualTo("second"));
    }

    [Test]
    public async Task It_is_not_made_while_it_is_undone_and_a_failure_there_stops_nobody()
    {
        var undoing = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var forgetting = Task.Run(() => _once.ForgetAsync(
            () =>
            {
                undoing.SetResult();
                go.Task.GetAwaiter().GetResult();
                throw new IOException("in use");
            },
            default));
        await undoing.Task;
        var next = Get(_ => Task.FromResult<string?>("made"));
        var meanwhile = _made;
        go.SetResult();

        Assert.That(await Assert.ThrowsAsync<IOException>(() => forgetting), Is.Not.Null);
        Assert.That((meanwhile, await next), Is.EqualTo((0, "made")));
    }

    private Task<string?> Get(Func<CancellationToken, Task<string?>> make, CancellationToken cancellation = default) => _once.GetAsync(
        token =>
        {
            _made++;
            return make(token);
        },
        cancellation);
}
