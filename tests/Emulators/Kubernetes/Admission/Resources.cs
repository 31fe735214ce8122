using System.Text.Json.Nodes;
using k8s.Models;

namespace Ambrosia.Emulators.Kubernetes.Admission;

/// <summary>Arithmetic with the resources that containers ask for.</summary>
internal static class Resources
{
    private static readonly string[] Compute = ["cpu", "memory"];

    /// <summary>A quantity in its base unit: cores, bytes, pieces.</summary>
    public static decimal Value(JsonNode? quantity) => quantity is null ? 0 : new ResourceQuantity(quantity.ToString()).ToDecimal();

    /// <summary>What the containers of a pod ask for in sum.</summary>
    /// <param name="kind">requests or limits.</param>
    public static decimal Sum(JsonObject podSpec, string kind, string resource) =>
        podSpec.Items("containers").Sum(container => Value(container.At("resources", kind, resource)));

    public static string QualityOfService(JsonObject podSpec)
    {
        var containers = podSpec.Items("containers").ToList();
        var any = containers.Exists(container => Compute.Any(name => container.At("resources", "requests", name) is not null));
        if (!any)
            return "BestEffort";
        var guaranteed = containers.TrueForAll(container => Compute.All(name =>
            container.At("resources", "limits", name) is { } limit && Value(limit) == Value(container.At("resources", "requests", name))));
        return guaranteed ? "Guaranteed" : "Burstable";
    }
}
