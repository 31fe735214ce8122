using System.Collections.Concurrent;
using System.Text.Json;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Platforms.Aks;

namespace Ambrosia.Build.Tests.Platforms.Aks.Acting;

/// <summary>
/// Azure as the graph sees it: az commands that a test lets through, holds or refuses by their words, in any order, and resources whose states
/// a test sets.
/// </summary>
internal sealed class FakeAzure : IProcessRunner, IAzureSession, IArmClient
{
    private readonly ConcurrentDictionary<string, JsonElement> _resources = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentQueue<string> _started = new();
    private readonly ConcurrentQueue<string> _finished = new();
    private readonly List<Rule> _rules = [];

    /// <summary>Words of the commands in the order of their starts, such as <c>storage account create</c>.</summary>
    public IReadOnlyList<string> Started => [.. _started];

    public IReadOnlyList<string> Finished => [.. _finished];

    public List<IReadOnlyList<string>> Arguments { get; } = [];

    /// <summary>Is called with the words of each command that is carried out.</summary>
    public Action<string>? OnCommand { get; set; }

    /// <summary>What a command answers, by its words; <c>{}</c> where that is null.</summary>
    public Func<string, string?>? Answer { get; set; }

    public Func<string, Task>? BeforeRead { get; set; }

    public IArmClient Arm => this;

    /// <summary>A command that begins with these words waits until the returned source is set.</summary>
    public TaskCompletionSource Hold(string words)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_rules)
            _rules.Add(new Rule(words, gate.Task, null, int.MaxValue));
        return gate;
    }

    public void Refuse(string words, string error, int times = int.MaxValue)
    {
        lock (_rules)
            _rules.Add(new Rule(words, Task.CompletedTask, error, times));
    }

    /// <param name="state">Null removes it.</param>
    public void Set(string id, string? state, string? kubelet = null)
    {
        if (state is null)
        {
            _resources.TryRemove(id, out _);
            return;
        }

        object properties = kubelet is null
            ? new { provisioningState = state }
            : new { provisioningState = state, identityProfile = new { kubeletidentity = new { objectId = kubelet } } };
        _resources[id] = JsonSerializer.SerializeToElement(new { properties });
    }

    /// <summary>A resource with properties of a test's own.</summary>
    public void Put(string id, object properties) => _resources[id] = JsonSerializer.SerializeToElement(new { properties });

    public async Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var words = string.Join(' ', request.Arguments.TakeWhile(word => !word.StartsWith('-')));
        Rule? rule;
        lock (_rules)
        {
            Arguments.Add(request.Arguments);
            rule = _rules.FirstOrDefault(each => words.StartsWith(each.Words, StringComparison.Ordinal) && each.Left > 0);
            if (rule is not null)
                rule.Left--;
        }

        _started.Enqueue(words);
        if (rule is not null)
            await rule.Gate.WaitAsync(cancellation);
        if (rule?.Error is { } error)
            return new ProcessResult(1, "", error, TimeSpan.Zero);
        OnCommand?.Invoke(words);
        _finished.Enqueue(words);
        return new ProcessResult(0, Answer?.Invoke(words) ?? "{}", "", TimeSpan.Zero);
    }

    public IRunningProcess Start(ProcessRequest request) => throw new NotSupportedException();

    public async Task<JsonElement?> GetAsync(string path, string apiVersion, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (BeforeRead is { } before)
            await before(path);
        return _resources.TryGetValue(path, out var resource) ? resource : null;
    }

    public Task<IReadOnlyList<JsonElement>> ListAsync(string path, string apiVersion, string? query, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<JsonElement>>([]);

    public Task<JsonElement?> PostAsync(string path, string apiVersion, JsonElement? body, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<AzureAccount> GetAccountAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public Task<AzureCloud> GetCloudAsync(CancellationToken cancellation) => throw new NotSupportedException();

    private sealed class Rule(string words, Task gate, string? error, int left)
    {
        public string Words { get; } = words;

        public Task Gate { get; } = gate;

        public string? Error { get; } = error;

        public int Left { get; set; } = left;
    }
}
