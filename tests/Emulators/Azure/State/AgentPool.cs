using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;

namespace Ambrosia.Emulators.Azure.State;

/// <summary>A node pool, over the JSON that clients put.</summary>
public sealed class AgentPool
{
    internal AgentPool(JsonObject profile) => Profile = profile;

    public string Name => Profile["name"].Text() ?? "";

    public string VmSize => Profile["vmSize"].Text() ?? "";

    public int Count { get => Profile["count"].Number() ?? 0; set => Profile["count"] = value; }

    public string Mode => Profile["mode"].Text() ?? "System";

    internal JsonObject Profile { get; }
}
