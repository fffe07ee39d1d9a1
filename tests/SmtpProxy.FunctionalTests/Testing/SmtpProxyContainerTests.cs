using System.Net.Mail;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Testing.Engines;
using SmtpProxy.Testcontainers;

namespace SmtpProxy.FunctionalTests.Testing;

/// <summary>The module for Testcontainers, as far as it goes without an engine: what it asks of one, and what it does with the program once
/// that runs.</summary>
public sealed class SmtpProxyContainerTests
{
    [Fact]
    public async Task Container_Started_IsReadyForMailAndFaults()
    {
        await using var engine = await EngineStandIn.StartAsync();
        await using (var proxy = new SmtpProxyBuilder("smtpproxy:0.1.0").WithDockerEndpoint(engine.Address).WithCleanUp(false)
            .WithSetting("SmtpProxy:Limits:Command", "00:01:00").Build())
        {
            await proxy.StartAsync();
            Assert.Equal("127.0.0.1", proxy.SmtpHost);
            await proxy.ArmAsync("later", """{"at":"rcpt","occurrence":{"first":1},"action":{"type":"reply","code":451}}""");
            await Assert.ThrowsAnyAsync<SmtpException>(() => SendAsync(proxy));
            await SendAsync(proxy);
            await Eventually.Async(async () =>
            {
                using var sessions = await proxy.SessionsAsync();
                return sessions.RootElement.GetProperty("sessions").EnumerateArray()
                    .Count(static s => s.GetProperty("outcome").ValueKind == JsonValueKind.String) == 2;
            }, "both sessions are seen");
            await proxy.ArmPresetAsync("greylist", 0.5);
            await Assert.ThrowsAnyAsync<SmtpException>(() => SendAsync(proxy));
            await proxy.ClearFaultsAsync();
            await SendAsync(proxy);
            var refused = await Assert.ThrowsAsync<HttpRequestException>(() => proxy.ArmAsync("wrong", """{"at":"rcp"}"""));
            Assert.Contains("PUT faults/rules/wrong: 422: ", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, engine.Alive);
    }

    /// <summary>The image is asked for what the Dockerfile leaves open: both ports, the admin side behind a token, faults.</summary>
    [Fact]
    public async Task Container_Created_AsksForWhatAProxyInTestsNeeds()
    {
        await using var engine = await EngineStandIn.StartAsync();
        var builder = new SmtpProxyBuilder("smtpproxy:0.1.0").WithDockerEndpoint(engine.Address).WithCleanUp(false);
        await using var proxy = builder.WithRelay("127.0.0.1", 1025).WithSeed(7).Build();
        Assert.Throws<InvalidOperationException>(() => proxy.SmtpPort);
        await proxy.StartAsync();
        var made = Assert.Single(engine.Made);
        var environment = made["Env"]!.AsArray().Select(static e => e!.GetValue<string>()).ToArray();
        Assert.Contains("ReverseProxy__Clusters__relays__Destinations__relay__Address=smtp://127.0.0.1:1025", environment);
        Assert.Contains("SmtpProxy__Faults__Seed=7", environment);
        Assert.Contains("DOTNET_ENVIRONMENT=Test", environment);
        Assert.Contains($"SmtpProxy__Admin__BearerToken={proxy.Token}", environment);
        Assert.Equal(64, proxy.Token.Length);
        Assert.Equal(["2525/tcp", "9025/tcp"], made["ExposedPorts"]!.AsObject().Select(static p => p.Key).Order());
    }

    private static async Task SendAsync(SmtpProxyContainer proxy)
    {
        using var client = new SmtpClient(proxy.SmtpHost, proxy.SmtpPort);
        await client.SendMailAsync("sender@client.example", "recipient@test.example", "hello", "hello");
    }
}
