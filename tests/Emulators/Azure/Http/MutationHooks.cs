using System.Collections.Immutable;

namespace Ambrosia.Emulators.Azure.Http;

/// <summary>What tests want to be told of each request that changes something.</summary>
internal sealed class MutationHooks
{
    private ImmutableList<Func<Mutation, Task>> _before = [];
    private ImmutableList<Func<Mutation, Task>> _after = [];
    private int _number;

    public int Count => Volatile.Read(ref _number);

    public void AddBefore(Func<Mutation, Task> hook) => ImmutableInterlocked.Update(ref _before, (hooks, added) => hooks.Add(added), hook);

    public void AddAfter(Func<Mutation, Task> hook) => ImmutableInterlocked.Update(ref _after, (hooks, added) => hooks.Add(added), hook);

    public void Clear()
    {
        _before = [];
        _after = [];
        Volatile.Write(ref _number, 0);
    }

    public async Task<Mutation> BeforeAsync(string method, string path)
    {
        var mutation = new Mutation(Interlocked.Increment(ref _number), method, path, 0);
        foreach (var hook in _before)
            await hook(mutation);
        return mutation;
    }

    public async Task AfterAsync(Mutation mutation, int status)
    {
        foreach (var hook in _after)
            await hook(mutation with { Status = status });
    }

    /// <summary>Whether a request changes something: reads that are POSTs, and everything about tokens, do not.</summary>
    public static bool IsMutation(string method, string path)
    {
        if (path.StartsWith("/adfs", StringComparison.OrdinalIgnoreCase) || path.StartsWith("/oauth2", StringComparison.OrdinalIgnoreCase)
            || path.StartsWith("/v2", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
        if (method is "PUT" or "PATCH" or "DELETE")
            return true;
        if (method != "POST")
            return false;
        var action = path[(path.LastIndexOf('/') + 1)..];
        return !action.StartsWith("list", StringComparison.OrdinalIgnoreCase) && !action.StartsWith("check", StringComparison.OrdinalIgnoreCase)
            && !action.StartsWith("getBy", StringComparison.OrdinalIgnoreCase);
    }
}
