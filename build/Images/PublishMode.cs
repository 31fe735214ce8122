namespace Ambrosia.Build.Images;

public enum PublishMode
{
    /// <summary>Machine code, no runtime: the smallest and the quickest to start. Needs a C linker for the image's platform.</summary>
    NativeAot,

    /// <summary>.NET's runtime beside the programs, without what they do not use. Compiles for every platform on every machine.</summary>
    Trimmed,
}
