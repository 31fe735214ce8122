using System.Runtime.Versioning;
using Ambrosia.Testing;
using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>Machines that are not ready: build.sh says what to install.</summary>
[SupportedOSPlatform("linux")]
public sealed class MissingToolTests : CheckoutFixture
{
    private static readonly string[] NeededByTheScript = ["bash", "sed", "uname", "readlink", "find", "stat", "sort", "cat", "mkdir", "flock", "env"];

    [Test]
    public async Task Without_dotnet_it_says_what_to_install()
    {
        var run = await Checkout.Run(new Dictionary<string, string?> { ["PATH"] = PathWithoutDotnet(), ["DOTNET_ROOT"] = null, ["HOME"] = Checkout.Temp });

        Assert.That(run.ExitCode, Is.EqualTo(1), run.All);
        Assert.That(run.Error, Does.StartWith("AMB2001: The .NET SDK is missing.\n").And.Contain("install .NET SDK 10.0.100").And.Contain("dotnet-sdk-10.0"));
        Assert.That(run.Output, Is.Empty);
    }

    [Test]
    public async Task With_an_old_SDK_it_says_what_there_is_and_what_to_install()
    {
        var path = PathWithoutDotnet();
        var dotnet = Path.Combine(path, "dotnet");
        await File.WriteAllTextAsync(dotnet, "#!/bin/bash\nif [ \"$1\" = --list-sdks ]; then echo '8.0.100 [/usr/share/dotnet/sdk]'; exit; fi\nexit 145\n");
        File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.Delete(Path.Combine(Checkout.Artifacts, "build-sh"), recursive: true);

        var run = await Checkout.Run(new Dictionary<string, string?> { ["PATH"] = path, ["DOTNET_ROOT"] = null, ["HOME"] = Checkout.Temp });

        Assert.That(run.ExitCode, Is.EqualTo(1), run.All);
        Assert.That(run.Error, Does.StartWith("AMB2001: This needs the .NET SDK 10.0.100").And.Contain("  8.0.100 [").And.Contain("dotnet-sdk-10.0"));
    }

    private string PathWithoutDotnet()
    {
        var directory = Directory.CreateDirectory(Path.Combine(Checkout.Temp, "bin")).FullName;
        foreach (var name in NeededByTheScript)
            File.CreateSymbolicLink(Path.Combine(directory, name), Tools.Require(name, "install the packages coreutils, findutils and util-linux"));
        return directory;
    }
}
