using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Images;

/// <summary>What an <see cref="ImageRegistry"/> works with, the same on every platform.</summary>
public sealed record ImageTools(
    ISettingsProvider Settings,
    ImageInputs Inputs,
    ImageBuilder Builder,
    ImageLoader Loader,
    DockerCli Docker,
    RegistryClient Client,
    PlanGate Gate,
    IBuildConsole Console,
    TimeProvider Time);
