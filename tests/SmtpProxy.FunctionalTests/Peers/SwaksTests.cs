using SmtpProxy.FunctionalTests.Peers.Clients;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers;

/// <summary>What swaks can do beyond a plain message, through the proxy to the embedded sink.</summary>
public sealed class SwaksTests
{
    private const string User = "alice-of-the-secret";
    private const string Password = "correct-horse-battery";

    [SkippableTheory]
    [InlineData("PLAIN", 0)]
    [InlineData("LOGIN", 2)]
    public async Task Auth_Accepted_IsKnownWithoutItsSecrets(string mechanism, int challenges)
    {
        await using var proxy = await ProxyProcess.StartAsync("--addresses", "full");

        await MailClient.SwaksAsync(proxy.Listener(), "me@test.example", ["you@test.example"], TestMessage.Of("plain"),
            "--auth", mechanism, "--auth-user", User, "--auth-password", Password);

        var record = (await proxy.JournalAsync(1))[0];
        var auth = record.GetProperty("exchanges").EnumerateArray().Single(static e => e.GetProperty("verb").GetString() == "AUTH");
        Assert.Equal(235, auth.GetProperty("code").GetInt32());
        Assert.Equal(mechanism, auth.GetProperty("mechanism").GetString());
        Assert.Equal(challenges, auth.GetProperty("challenges").GetInt32());
        await AssertNothingSecretAsync(proxy);
    }

    [SkippableFact]
    public async Task Auth_MechanismNotOffered_IsRefusedAndKnownWithoutItsSecrets()
    {
        await using var proxy = await ProxyProcess.StartAsync("--addresses", "full");

        var (code, _) = await Command.RunAsync(PeerTool.Require("swaks"),
            ["--server", $"{proxy.Listener()}", "--to", "you@test.example", "--auth", "CRAM-MD5", "--auth-user", User, "--auth-password",
                Password]);

        Assert.NotEqual(0, code);
        Assert.Equal("quit", (await proxy.JournalAsync(1))[0].GetProperty("final_state").GetString());
        await AssertNothingSecretAsync(proxy);
    }

    [SkippableFact]
    public async Task Lmtp_TwoRecipients_HaveAReplyEach()
    {
        var lmtp = ProxyProcess.FreeSinkAddress();
        await using var proxy = await ProxyProcess.StartAsync("--addresses", "full",
            $"--SmtpProxy:Sink:LmtpAddress={lmtp}", $"--ReverseProxy:Clusters:relays:Destinations:sink:Address=smtp://{lmtp}");

        await MailClient.SwaksAsync(proxy.Listener(), "me@test.example", ["a@test.example", "b@test.example"], TestMessage.Of("plain"),
            "--protocol", "LMTP");

        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal("lmtp", record.GetProperty("protocol").GetString());
        Assert.Equal(["a@test.example", "b@test.example"], record.GetProperty("exchanges").EnumerateArray()
            .Where(static e => e.GetProperty("verb").GetString() == ".").Select(static e => e.GetProperty("recipient").GetString()));
        Assert.Equal("delivered", record.GetProperty("transactions")[0].GetProperty("outcome").GetString());
    }

    [SkippableFact]
    public async Task Addresses_NoneAskedFor_AppearNowhere()
    {
        await using var proxy = await ProxyProcess.StartAsync();

        await MailClient.SwaksAsync(proxy.Listener(), "sender@private.example", ["450@private.example", "rcpt@private.example"],
            TestMessage.Of("plain"));

        await proxy.JournalAsync(1);
        Assert.DoesNotContain("private.example", await EverythingSaidAsync(proxy), StringComparison.Ordinal);
    }

    private static async Task AssertNothingSecretAsync(ProxyProcess proxy)
    {
        var said = await EverythingSaidAsync(proxy);
        foreach (var secret in (string[])[User, Password])
        {
            Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(secret)), said,
                StringComparison.OrdinalIgnoreCase);
        }

        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"\0{User}\0{Password}")), said,
            StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<string> EverythingSaidAsync(ProxyProcess proxy)
    {
        var metrics = await Metrics.ReadAsync(proxy);
        proxy.Terminate();
        await proxy.ExitAsync();
        return proxy.Output.Text + proxy.Errors.Text + metrics.Text;
    }
}
