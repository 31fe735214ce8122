using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;

namespace Ambrosia.Build.Platforms.Kubernetes.Planning;

/// <summary>One field that is not as wanted.</summary>
/// <param name="Path">For a person: <c>spec.template.spec.containers[ambrosia].image</c>.</param>
/// <param name="Owner">Somebody else who has set it, so that an apply would be refused; null where nobody has.</param>
public sealed record FieldDifference(string Path, string? Old, string? New, string? Owner)
{
    public bool IsOfCode => ContainerCode.IsAt(Path);

    public PropertyChange ToProperty() => new(Path, Old, New);
}
