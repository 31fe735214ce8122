namespace Ambrosia.Build.Images;

/// <summary>Where an image of ours is found: by a tag that is a hash of all that goes in.</summary>
/// <param name="Server">Host, port and path before the repository; null where there is no registry.</param>
public sealed record ImageName(string? Server, string Repository, string Tag)
{
    public string FullRepository => Server is null ? Repository : $"{Server}/{Repository}";

    /// <summary>With the tag.</summary>
    public string Reference => $"{FullRepository}:{Tag}";

    public string ByDigest(string digest) => $"{FullRepository}@{digest}";
}
