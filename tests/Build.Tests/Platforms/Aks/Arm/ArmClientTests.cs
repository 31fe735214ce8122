using System.Net;
using System.Text.Json;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Arm;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Aks.Arm;

public sealed class ArmClientTests
{
    [Test]
    public async Task An_answer_is_read_with_the_token_and_the_version()
    {
        using var arm = new FakeArm((request, _) => FakeArm.Json($$"""{"token":"{{request.Headers.Authorization}}"}"""));
        using var client = arm.Client();

        var answer = await client.GetAsync("/subscriptions/s/x", "2021-04-01", default);

        Assert.That(answer!.Value.Text("token"), Is.EqualTo("Bearer token-1"));
        Assert.That(arm.Requests, Is.EqualTo(new[] { "GET /subscriptions/s/x?api-version=2021-04-01" }));
        Assert.That(arm.Traffic.Requests, Is.EqualTo(1));
    }

    [Test]
    public async Task What_does_not_exist_is_null_and_an_empty_listing()
    {
        using var arm = FakeArm.Of();
        using var client = arm.Client();

        Assert.That(await client.GetAsync("/a", "1", default), Is.Null);
        Assert.That(await client.ListAsync("/a", "1", null, default), Is.Empty);
        Assert.That(await client.PostAsync("/a", "1", null, default), Is.Null);
    }

    [Test]
    public async Task A_listing_is_followed_over_its_pages()
    {
        using var arm = FakeArm.Of(
            ("/a?$filter=atScope%28%29&", """{"value":[1,2],"nextLink":"https://arm.test/a?page=2"}"""),
            ("/a?page=2", """{"value":[3],"nextLink":"https://arm.test/a?page=3"}"""),
            ("/a?page=3", """{"value":[4]}"""));
        using var client = arm.Client();

        var items = await client.ListAsync("/a", "1", "$filter=atScope()", default);

        Assert.That(items.Select(item => item.GetInt32()), Is.EqualTo(new[] { 1, 2, 3, 4 }));
    }

    [Test]
    public async Task A_provider_that_is_not_registered_is_told_at_once()
    {
        using var arm = new FakeArm((_, _) => FakeArm.Json(
            """{"error":{"code":"MissingSubscriptionRegistration","message":"not registered to use namespace 'Microsoft.X'"}}""", HttpStatusCode.Conflict));
        using var client = arm.Client();

        var failure = await Assert.ThrowsAsync<BuildException>(() => client.GetAsync("/a", "1", default));

        Assert.That(failure!.Message, Does.Contain("Microsoft.X").And.Contain("--target=Doctor"));
        Assert.That(arm.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_listing_that_leads_back_to_itself_ends()
    {
        using var arm = FakeArm.Of(("/a", """{"value":[1],"nextLink":"https://arm.test/a?page=2"}"""));
        using var client = arm.Client();

        Assert.That(await client.ListAsync("/a", "1", null, default), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task The_token_does_not_go_to_another_host()
    {
        using var arm = FakeArm.Of(("/a", """{"value":[1],"nextLink":"https://elsewhere.test/a"}"""));
        using var client = arm.Client();

        var failure = await Assert.ThrowsAsync<BuildException>(() => client.ListAsync("/a", "1", null, default));

        Assert.That(failure!.Code, Is.EqualTo(ErrorCode.AzureRequestFailed));
        Assert.That(arm.Requests, Has.Count.EqualTo(1));
    }

    [TestCase(HttpStatusCode.TooManyRequests)]
    [TestCase(HttpStatusCode.Conflict)]
    [TestCase(HttpStatusCode.InternalServerError)]
    [TestCase(HttpStatusCode.ServiceUnavailable)]
    public async Task What_means_not_yet_is_asked_again(HttpStatusCode status)
    {
        var count = 0;
        using var arm = new FakeArm((_, _) => ++count < 3 ? FakeArm.Json("{}", status) : FakeArm.Json("""{"a":1}"""));
        using var client = arm.Client();

        Assert.That((await client.GetAsync("/a", "1", default))!.Value.Number("a"), Is.EqualTo(1));
        Assert.That(arm.Traffic.Requests, Is.EqualTo(3));
    }

    [Test]
    public async Task The_wait_is_what_the_answer_asks_for()
    {
        var count = 0;
        using var arm = new FakeArm((_, _) => ++count switch
        {
            1 => FakeArm.Json("{}", HttpStatusCode.TooManyRequests, ("Retry-After", "17")),
            2 => FakeArm.Json("{}", HttpStatusCode.TooManyRequests, ("x-ms-retry-after-ms", "50")),
            3 => FakeArm.Json("{}", HttpStatusCode.TooManyRequests, ("Retry-After", "86400")),
            _ => FakeArm.Json("{}"),
        });
        using var client = arm.Client();

        await client.GetAsync("/a", "1", default);

        Assert.That(arm.Clock.Waits, Is.EqualTo(new[] { TimeSpan.FromSeconds(17), TimeSpan.FromMilliseconds(50), ArmRetry.LongestWait }));
    }

    [Test]
    public void A_wait_can_be_a_date()
    {
        using var response = FakeArm.Json("{}", HttpStatusCode.TooManyRequests, ("Retry-After", "Thu, 01 Jan 2026 00:00:09 GMT"));
        Assert.That(ArmRetry.RequestedWait(response, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)), Is.EqualTo(TimeSpan.FromSeconds(9)));
        Assert.That(ArmRetry.RequestedWait(response, new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero)), Is.EqualTo(TimeSpan.Zero));
    }

    [TestCase(HttpStatusCode.BadRequest, false)]
    [TestCase(HttpStatusCode.Forbidden, false)]
    [TestCase(HttpStatusCode.NotImplemented, false)]
    [TestCase(HttpStatusCode.BadGateway, true)]
    [TestCase(HttpStatusCode.RequestTimeout, true)]
    public void Only_what_may_change_by_itself_is_transient(HttpStatusCode status, bool isTransient) =>
        Assert.That(ArmRetry.IsTransient(status), Is.EqualTo(isTransient));

    [Test]
    public async Task A_dropped_connection_is_made_again()
    {
        var count = 0;
        using var arm = new FakeArm((_, _) => ++count == 1 ? throw new HttpRequestException("reset") : FakeArm.Json("{}"));
        using var client = arm.Client();

        Assert.That(await client.GetAsync("/a", "1", default), Is.Not.Null);
    }

    [Test]
    public async Task It_gives_up_with_what_to_check()
    {
        using var arm = new FakeArm((_, _) => throw new HttpRequestException("Connection refused (arm.test:443)"));
        using var client = arm.Client();

        var failure = await Assert.ThrowsAsync<BuildException>(() => client.GetAsync("/a", "1", default));

        Assert.That(failure!.Message, Does.StartWith("AMB3004: GET /a at arm.test failed 6 times.").And.Contains("HTTPS_PROXY"));
        Assert.That(arm.Traffic.Requests, Is.EqualTo(ArmRetry.Attempts));
    }

    [Test]
    public async Task A_token_that_ran_out_is_renewed_once()
    {
        using var arm = new FakeArm((request, _) =>
            request.Headers.Authorization!.Parameter == "token-1" ? FakeArm.Json("{}", HttpStatusCode.Unauthorized) : FakeArm.Json("{}"));
        using var client = arm.Client();

        Assert.That(await client.GetAsync("/a", "1", default), Is.Not.Null);
        Assert.That(arm.Refused, Is.EqualTo(new[] { null, "token-1" }));
    }

    [TestCase(HttpStatusCode.Unauthorized, ErrorCode.AzureLoginFailed, "az login")]
    [TestCase(HttpStatusCode.Forbidden, ErrorCode.AzureForbidden, "Contributor")]
    [TestCase(HttpStatusCode.BadRequest, ErrorCode.AzureRequestFailed, "answered with 400")]
    public async Task A_refusal_carries_Azures_words_and_a_code(HttpStatusCode status, ErrorCode code, string expected)
    {
        using var arm = new FakeArm((_, _) => FakeArm.Json("""{"error":{"code":"Nope","message":"the key verysecretkey is bad"}}""", status));
        arm.Mask.Add("verysecretkey");
        using var client = arm.Client();

        var failure = await Assert.ThrowsAsync<BuildException>(() => client.GetAsync("/a", "1", default));

        Assert.That(failure!.Code, Is.EqualTo(code));
        Assert.That(failure.Message, Does.Contain("Nope: the key *** is bad").And.Contains(expected));
    }

    [Test]
    public async Task A_page_of_a_proxy_is_no_answer_and_is_not_shown()
    {
        using var arm = new FakeArm((_, _) => FakeArm.Json("<html>topsecret</html>"));
        using var client = arm.Client();

        var failure = await Assert.ThrowsAsync<BuildException>(() => client.GetAsync("/a", "1", default));

        Assert.That(failure!.Message, Does.Contain("was not answered with JSON").And.Not.Contains("topsecret"));
    }

    [Test]
    public async Task A_post_carries_its_body()
    {
        using var arm = new FakeArm((_, body) => FakeArm.Json(body));
        using var client = arm.Client();

        var answer = await client.PostAsync("/a", "1", JsonSerializer.SerializeToElement(new { name = "x" }), default);

        Assert.That(answer!.Value.Text("name"), Is.EqualTo("x"));
    }

    [Test]
    public async Task A_cancellation_is_one()
    {
        using var arm = FakeArm.Of();
        using var client = arm.Client();

        await Assert.ThatAsync(() => client.GetAsync("/a", "1", new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
    }
}
