using System.Text.Json;
using SmtpProxy.Telemetry.Privacy;

namespace SmtpProxy.Tests.Telemetry.Privacy;

public sealed class PrivacyOptionsTests
{
    private const string Key = "0123456789abcdef";

    [Fact]
    public void None_Transaction_IsListedWithoutItsAddresses()
    {
        var (transaction, text) = Deliver(new PrivacyOptions());
        Assert.Equal(JsonValueKind.Null, transaction.GetProperty("from").ValueKind);
        Assert.Equal("""[{"to":null,"code":250}]""", transaction.GetProperty("recipients").GetRawText());
        Assert.Equal("""["SIZE=9","AUTH","X-FROM"]""", transaction.GetProperty("params").GetRawText());
        Assert.DoesNotContain("example", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Domain_Address_IsItsDomain()
    {
        var (transaction, text) = Deliver(new PrivacyOptions { Addresses = "domain" });
        Assert.Equal("example.org", transaction.GetProperty("from").GetString());
        Assert.Equal("""[{"to":"example.net","code":250}]""", transaction.GetProperty("recipients").GetRawText());
        Assert.Equal("""["SIZE=9","AUTH=example.com","X-FROM=example.edu"]""", transaction.GetProperty("params").GetRawText());
        Assert.DoesNotContain("alice", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Hash_Address_IsStableKeyedAndCaseless()
    {
        string From(string address, string key) =>
            Deliver(new PrivacyOptions { Addresses = "hash", HashKey = key }, address).Transaction.GetProperty("from").GetString()!;
        var hash = From("alice@example.org", Key);
        Assert.Matches("^[0-9a-f]{16}$", hash);
        Assert.Equal(hash, From("Alice@EXAMPLE.org", Key));
        Assert.NotEqual(hash, From("bob@example.org", Key));
        Assert.NotEqual(hash, From("alice@example.org", Key + "2"));
    }

    [Fact]
    public void Full_Address_IsAsSent() =>
        Assert.Equal("Alice@Example.org", Deliver(new PrivacyOptions { Addresses = "full" }, "Alice@Example.org").Transaction
            .GetProperty("from").GetString());

    [Theory]
    [InlineData("domain")]
    [InlineData("hash")]
    [InlineData("full")]
    public void Shown_NullPath_IsEmpty(string level) =>
        Assert.Equal("", Deliver(new PrivacyOptions { Addresses = level, HashKey = Key }, "").Transaction.GetProperty("from").GetString());

    [Fact]
    public void Domain_AddressWithout_IsNull() => Assert.Equal(JsonValueKind.Null,
        Deliver(new PrivacyOptions { Addresses = "domain" }, "postmaster").Transaction.GetProperty("from").ValueKind);

    [Theory]
    [InlineData("none")]
    [InlineData("full")]
    public void Secrets_OfAuth_AppearNowhere(string level)
    {
        using var talk = new Conversation(new PrivacyOptions { Addresses = level });
        talk.Greet()
            .Ask("AUTH PLAIN c2VjcmV0c2VjcmV0", "535 5.7.8 no")
            .Ask("AUTH LOGIN", "334 VXNlcm5hbWU6").Ask("c2VjcmV0dXNlcg", "334 UGFzc3dvcmQ6").Ask("c2VjcmV0cGFzcw", "535 5.7.8 no")
            .Ask("AUTH c2VjcmV0LWFsb25lLWFuZC1sb25n", "504 5.5.4 what")
            .Wait(1).Client("AUTH CRAM-MD5", "c2VjcmV0YmxpbmQ").Wait(1).Relay("504 5.5.4 no", "500 5.5.2 what")
            .Ask("c2VjcmV0dG9vbGF0ZQ", "500 5.5.2 what").Ask("NOOP", "250 ok").Ask("wibble", "500 what")
            .Over();
        var text = talk.LineText();
        Assert.DoesNotContain("c2Vj", text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(
            ["EHLO", "AUTH", "AUTH", "AUTH", "AUTH", "?", "?", "NOOP", "WIBBLE"],
            JsonDocument.Parse(text).RootElement.GetProperty("exchanges").EnumerateArray().Select(e => e.GetProperty("verb").GetString()));
    }

    [Fact]
    public void Secrets_MessageAndHeloName_AppearNowhere()
    {
        using var talk = new Conversation();
        talk.Connect().Relay("220 secretserver").Ask("EHLO secretclient", "250 secretserver")
            .Ask("MAIL FROM:<a@example.org>", "250 secretok")
            .Ask("RCPT TO:<b@example.net>", "250 secretok").Ask("DATA", "354 secretgo").Wait(1).Client("Subject: secret", "", "secret", ".")
            .Wait(1).Relay("250 secretdone").Over();
        Assert.DoesNotContain("secret", talk.LineText(), StringComparison.Ordinal);
    }

    private static (JsonElement Transaction, string Text) Deliver(PrivacyOptions privacy, string from = "alice@example.org")
    {
        using var talk = new Conversation(privacy);
        talk.Greet().Ask($"MAIL FROM:<{from}> SIZE=9 AUTH=alice@example.com X-FROM=alice@example.edu", "250 ok")
            .Ask("RCPT TO:<bob@example.net>", "250 ok").Over();
        var text = talk.LineText();
        return (JsonDocument.Parse(text).RootElement.GetProperty("transactions")[0], text);
    }
}
