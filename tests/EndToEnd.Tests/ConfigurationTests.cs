using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>Configurations that cannot be meant: one clear error with its place, and nothing is started.</summary>
public sealed class ConfigurationTests : CheckoutFixture
{
    private static readonly TestCaseData<string, string[]>[] Wrong =
    [
        new("{\n  \"platform\": \"local\",\n  \"serviceNam\": \"x\"\n}", ["AMB1012", ":3:3: ", "serviceNam;", "did you mean serviceName?"])
            { TestName = "A_mistyped_key" },
        new("{\n  \"platform\": \"local\",\n  \"verify\": { \"rounds\": 2,\n", ["AMB1011", ":4:1: ", "is not JSON"]) { TestName = "Half_a_file" },
        new("{\n  \"platform\": \"local\",\n  \"verify\": { \"rounds\": \"two\" }\n}", ["AMB1013", ":3:25: ", "verify.rounds", "\"two\"", "a whole number from 1"])
            { TestName = "A_value_of_the_wrong_type" },
        new("{\n  \"platform\": \"loca\"\n}", ["AMB1013", ":2:15: ", "platform", "local"]) { TestName = "A_value_that_is_not_allowed" },
        new("{\n  \"platform\": \"aks\",\n  \"azure\": { \"subscription\": \"PASTE_SUBSCRIPTION_ID_HERE\" }\n}",
            ["AMB1014", ":3:30: ", "azure.subscription", "PASTE_SUBSCRIPTION_ID_HERE"]) { TestName = "A_placeholder_that_was_left" },
        new("", ["AMB1011"]) { TestName = "An_empty_file" },
    ];

    [TestCaseSource(nameof(Wrong))]
    public async Task A_wrong_file_is_refused_with_its_place(string json, string[] expected)
    {
        var path = Configure(json);

        var run = await Checkout.Run();

        RefusesEverything(run);
        Assert.That(run.Error, Does.Contain(path));
        foreach (var part in expected)
            Assert.That(run.Error, Does.Contain(part));
    }

    [Test]
    public async Task A_file_that_is_missing_is_refused_with_the_one_that_is_there()
    {
        var path = Checkout.Write("other.json", "{ \"platform\": \"local\" }");

        var run = await Checkout.Run($"--config={Path.ChangeExtension(path, "jsn")}");

        RefusesEverything(run);
        Assert.That(run.Error, Does.Contain("AMB1010").And.Contain($"did you mean {path}?"));
    }

    [Test]
    public async Task A_file_that_cannot_be_read_is_refused()
    {
        var run = await Checkout.Run($"--config={Checkout.Root}");

        RefusesEverything(run);
        Assert.That(run.Error, Does.Contain("AMB1010").And.Contain("it is a directory"));
    }

    [Test]
    public async Task A_mistyped_variable_is_refused()
    {
        var run = await Checkout.Run(new Dictionary<string, string?> { ["AMBROSIA_VERIFY_ROUND"] = "2" });

        RefusesEverything(run);
        Assert.That(run.Error, Does.Contain("AMB1012").And.Contain("AMBROSIA_VERIFY_ROUND;").And.Contain("did you mean AMBROSIA_VERIFY_ROUNDS?"));
    }

    [Test]
    public async Task The_platform_of_the_command_line_wins()
    {
        Configure("""{ "platform": "kubernetes", "kubernetes": { "context": "kind-kind" } }""");

        var run = await Checkout.Run("--platform=local", "--target=Configure");

        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(run.Output, Does.Contain("Platform:  local ("));
    }

    private void RefusesEverything(CommandLineResult run)
    {
        Assert.That(run.ExitCode, Is.EqualTo(1), run.All);
        Assert.That(run.Output, Does.Not.Contain("ProvisionStorage"));
        Assert.That(Checkout.Runs(), Is.Empty);
        Assert.That(run.Error, Does.Not.Contain("   at "));
    }
}
