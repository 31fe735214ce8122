using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Session;
using Ambrosia.Build.Tests.Cli;
using Ambrosia.Build.Tests.Reporting;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Aks.Session;

/// <summary>With Azure.Identity's own credential, and a script in az's place on PATH.</summary>
[Platform(Exclude = "Win", Reason = "The stand-in is a shell script")]
[NonParallelizable]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AzureCliTokenSourceTests : IDisposable
{
    private readonly CommandJournal _journal = new();
    private readonly SecretMask _mask = new();
    private readonly TemporaryDirectory _directory = new();
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");

    public AzureCliTokenSourceTests() => Environment.SetEnvironmentVariable("PATH", _directory.Path + ":" + _path);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        _directory.Dispose();
    }

    [Test]
    public async Task The_token_is_masked_and_the_command_is_in_the_journal()
    {
        WriteAz($$"""echo "$@" > {{_directory["arguments"]}}; echo '{"accessToken":"secret-token-1","expiresOn":"2099-01-01 00:00:00.000000","expires_on":4070908800}' """);

        var token = await Source().GetTokenAsync("https://audience/", "22222222-2222-2222-2222-222222222222", default);

        Assert.That(token.Token, Is.EqualTo("secret-token-1"));
        Assert.That(_mask.Mask("x secret-token-1"), Is.EqualTo("x ***"));
        Assert.That(_journal.Records.Single().CommandLine, Is.EqualTo(
            "az account get-access-token --output json --resource https://audience/ --subscription 22222222-2222-2222-2222-222222222222"));
        Assert.That(
            "az " + (await File.ReadAllTextAsync(_directory["arguments"])).Trim(), Is.EqualTo(_journal.Records.Single().CommandLine), "what was really run");
    }

    [Test]
    public async Task Not_being_logged_in_is_a_login_failure()
    {
        WriteAz("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1");

        var failure = await Assert.ThrowsAsync<BuildException>(() => Source().GetTokenAsync("https://audience/", "s", default));

        Assert.That((failure!.Code, failure.Remedy), Is.EqualTo((ErrorCode.AzureLoginFailed, "az login")));
    }

    [Test]
    public async Task A_cancellation_ends_the_process_and_what_it_started()
    {
        // Not exec: as the az of Microsoft's packages, a script that starts Python below itself.
        WriteAz($"echo $$ > {_directory["started"]}; /bin/sh -c 'echo $$ > {_directory["below"]}.new; mv {_directory["below"]}.new {_directory["below"]}; exec sleep 300' get-access-token; true");
        using var cancellation = new CancellationTokenSource();
        var token = Source().GetTokenAsync("https://audience/", "s", cancellation.Token);
        while (!File.Exists(_directory["below"]) && !token.IsCompleted)
            await Task.Delay(10);

        await cancellation.CancelAsync();

        await Assert.ThatAsync(() => token, Throws.InstanceOf<OperationCanceledException>());
        await AssertEndsAsync(_directory["started"]);
        await AssertEndsAsync(_directory["below"]);
    }

    [Test]
    public async Task A_cancellation_ends_what_is_just_being_started()
    {
        using var family = new GrowingFamily(_directory["az"]);
        WriteAz(family.Script);
        for (var round = 0; round < 10; round++)
        {
            using var cancellation = new CancellationTokenSource();
            var token = Source().GetTokenAsync("https://audience/", "s", cancellation.Token);

            // Now the credential's shell is there, and is about to start az below itself.
            await cancellation.CancelAsync();

            await Assert.ThatAsync(() => token, Throws.InstanceOf<OperationCanceledException>());
            await family.AssertGoneAsync();
        }
    }

    private static async Task AssertEndsAsync(string file)
    {
        var id = (await File.ReadAllTextAsync(file)).Trim();
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (Lives(id) && DateTime.UtcNow < deadline)
            await Task.Delay(20);
        Assert.That(Lives(id), Is.False, $"process {id} of {Path.GetFileName(file)} lives on");
    }

    private static bool Lives(string id)
    {
        try
        {
            return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private AzureCliTokenSource Source() => new(_mask, _journal, TimeProvider.System);

    private void WriteAz(string script)
    {
        File.WriteAllText(_directory["az"], "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_directory["az"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
