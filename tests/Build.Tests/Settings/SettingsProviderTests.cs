using System.Text;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Settings;
using Cake.Core;
using Cake.Core.IO;
using NSubstitute;
using NSubstitute.ExceptionExtensions;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Settings;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SettingsProviderTests
{
    private readonly ICakeArguments _arguments = Substitute.For<ICakeArguments>();
    private readonly ICakeEnvironment _environment = Substitute.For<ICakeEnvironment>();
    private readonly IFileSystem _files = Substitute.For<IFileSystem>();
    private readonly BuildPaths _paths = new("/checkout");

    public SettingsProviderTests()
    {
        _environment.WorkingDirectory.Returns(new DirectoryPath("/home/user"));
        _environment.GetEnvironmentVariables().Returns(new Dictionary<string, string>());
    }

    private SettingsProvider Provider => new(_arguments, _environment, _files, _paths);

    [Test]
    public void Nothing_is_read_before_the_first_use()
    {
        _ = Provider;
        Assert.Multiple(() =>
        {
            Assert.That(_arguments.ReceivedCalls(), Is.Empty);
            Assert.That(_environment.ReceivedCalls(), Is.Empty);
            Assert.That(_files.ReceivedCalls(), Is.Empty);
        });
    }

    [Test]
    public void Settings_are_loaded_once()
    {
        var provider = Provider;
        var first = provider.Settings;
        Assert.That(provider.Settings, Is.SameAs(first));
        _environment.Received(1).GetEnvironmentVariables();
    }

    [Test]
    public void Without_a_file_the_platform_is_local() => Assert.That(Provider.Settings.PlatformReason, Is.EqualTo("no AmbrosiaAKSConf.json"));

    [Test]
    public void The_file_of_the_checkout_is_read_wherever_the_user_stands()
    {
        File("/checkout/AmbrosiaAKSConf.json", "{ \"platform\": \"local\", \"serviceName\": \"mine\" }");
        Assert.That(Provider.Settings.ServiceName, Is.EqualTo("mine"));
    }

    [Test]
    public void A_relative_config_is_meant_from_where_the_user_stands()
    {
        Argument("config", "../other/conf.json");
        File("/home/other/conf.json", "{ \"platform\": \"local\" }");
        Assert.That(Provider.Settings.PlatformReason, Is.EqualTo("platform in conf.json"));
    }

    [Test]
    public void A_byte_order_mark_is_no_problem()
    {
        File("/checkout/AmbrosiaAKSConf.json", "\uFEFF{ \"platform\": \"local\" }");
        Assert.That(Provider.Settings.Platform, Is.EqualTo(PlatformKind.Local));
    }

    [Test]
    public void A_missing_config_is_an_error_with_the_nearest_file()
    {
        Argument("config", "conf.jsn");
        var directory = Substitute.For<IDirectory>();
        directory.Exists.Returns(true);
        var near = Substitute.For<IFile>();
        near.Path.Returns(new FilePath("/home/user/conf.json"));
        directory.GetFiles("*", SearchScope.Current).Returns([near]);
        _files.GetDirectory(Arg.Is<DirectoryPath>(path => path.FullPath == "/home/user")).Returns(directory);
        AssertFailure(
            ErrorCode.ConfigurationUnreadable,
            "AMB1010: --config=conf.jsn: there is no file /home/user/conf.jsn.\n  fix:    did you mean /home/user/conf.json?");
    }

    [Test]
    public void A_config_without_a_path_is_refused()
    {
        _arguments.HasArgument("config").Returns(true);
        _arguments.GetArguments("config").Returns([null!]);
        AssertFailure(ErrorCode.InvalidArgumentValue, "AMB1003: --config has no value.\n  fix:    --config=... with the path of a configuration");
    }

    [Test]
    public void A_directory_is_not_a_configuration()
    {
        var directory = Substitute.For<IDirectory>();
        directory.Exists.Returns(true);
        _files.GetDirectory(Arg.Is<DirectoryPath>(path => path.FullPath == "/checkout/AmbrosiaAKSConf.json")).Returns(directory);
        AssertFailure(ErrorCode.ConfigurationUnreadable, "AMB1010: /checkout/AmbrosiaAKSConf.json cannot be read.\n  cause:  it is a directory");
    }

    [Test]
    public void A_file_that_may_not_be_read_is_named()
    {
        File("/checkout/AmbrosiaAKSConf.json", "").Open(default, default, default).ThrowsForAnyArgs(new UnauthorizedAccessException("Access is denied."));
        AssertFailure(
            ErrorCode.ConfigurationUnreadable,
            "AMB1010: /checkout/AmbrosiaAKSConf.json cannot be read.\n  cause:  Access is denied.\n  fix:    check its permissions");
    }

    [Test]
    public void A_file_in_another_encoding_is_refused()
    {
        File("/checkout/AmbrosiaAKSConf.json", "").Open(default, default, default).ReturnsForAnyArgs(new MemoryStream([(byte)'{', 0xE4, (byte)'}']));
        Assert.That(Assert.Throws<BuildException>(() => _ = Provider.Settings)!.Message, Does.StartWith("AMB1011: /checkout/AmbrosiaAKSConf.json is not text in UTF-8."));
    }

    private void Argument(string name, string value)
    {
        _arguments.HasArgument(name).Returns(true);
        _arguments.GetArguments(name).Returns([value]);
    }

    private IFile File(string path, string text)
    {
        var file = Substitute.For<IFile>();
        file.Exists.Returns(true);
        file.Open(default, default, default).ReturnsForAnyArgs(new MemoryStream(Encoding.UTF8.GetBytes(text)));
        _files.GetFile(Arg.Is<FilePath>(candidate => candidate.FullPath == path)).Returns(file);
        return file;
    }

    private void AssertFailure(ErrorCode code, string message)
    {
        var failure = Assert.Throws<BuildException>(() => _ = Provider.Settings)!;
        Assert.That(failure.Message, Is.EqualTo(message));
        Assert.That(failure.Code, Is.EqualTo(code));
    }
}
