using System.Collections.Immutable;

namespace Ambrosia.Build.Cli;

/// <summary>One finished command, for the report.</summary>
/// <param name="CommandLine">As it was logged, secrets masked.</param>
/// <param name="ExitCode">Null when it was ended by a timeout or a cancellation.</param>
public sealed record CommandRecord(string CommandLine, int? ExitCode, DateTimeOffset Started, TimeSpan Duration);

/// <summary>The commands that ran to an end, in the order in which they ended. Safe for use from several threads.</summary>
public sealed class CommandJournal
{
    private ImmutableList<CommandRecord> _records = [];

    public IReadOnlyList<CommandRecord> Records => _records;

    internal void Add(CommandRecord record) => ImmutableInterlocked.Update(ref _records, records => records.Add(record));
}
