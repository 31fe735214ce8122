using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ambrosia.Coordinator.Storage.Leases;

/// <summary>What a claim's file says. Written once and never changed.</summary>
/// <param name="Owner">One life of one coordinator; random.</param>
/// <param name="DurationMilliseconds">What contenders must wait for.</param>
/// <param name="Released">The owner has stopped and will acknowledge nothing more.</param>
/// <param name="Process">Where the owner runs.</param>
/// <param name="WrittenAt">The writer's wall clock, for people. Nothing depends on it: two machines' clocks may differ by anything.</param>
internal sealed record LeaseClaim(string Owner, long DurationMilliseconds, bool Released, LeaseProcess Process, DateTimeOffset WrittenAt)
{
    [JsonIgnore]
    public TimeSpan Duration => TimeSpan.FromMilliseconds(DurationMilliseconds);

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, LeaseJson.Default.LeaseClaim);

    /// <summary>Null when the bytes are not whole: the claim was made, and its maker died or stalled before it had described it.</summary>
    public static LeaseClaim? FromBytes(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var claim = JsonSerializer.Deserialize(bytes, LeaseJson.Default.LeaseClaim);
            return claim is { Owner.Length: > 0, DurationMilliseconds: > 0, Process: not null } ? claim : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(LeaseClaim))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class LeaseJson : JsonSerializerContext;
