using System.Text;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Tests.Telemetry.Privacy;

/// <summary>What each level lets through of things that may be, or hold, an address.</summary>
public sealed class AddressFilterTests
{
    private const string Key = "0123456789abcdef";

    [Theory]
    [InlineData("SIZE=9", "SIZE=9", "SIZE=9")]
    [InlineData("body=8BITMIME", "body=8BITMIME", "body=8BITMIME")]
    [InlineData("NOTIFY=SUCCESS,FAILURE", "NOTIFY=SUCCESS,FAILURE", "NOTIFY=SUCCESS,FAILURE")]
    [InlineData("SMTPUTF8", "SMTPUTF8", "SMTPUTF8")]
    [InlineData("AUTH=<>", "AUTH", "AUTH")]
    [InlineData("AUTH=alice@example.org", "AUTH", "AUTH=example.org")]
    [InlineData("AUTH=alice+40example.org", "AUTH", "AUTH=example.org")]
    [InlineData("ORCPT=rfc822;alice+40example.org", "ORCPT", "ORCPT=example.org")]
    [InlineData("ENVID=alice", "ENVID", "ENVID")]
    [InlineData("X-FROM=alice@example.org,bob", "X-FROM", "X-FROM")]
    [InlineData("SIZE=alice@example.org", "SIZE", "SIZE=example.org")]
    [InlineData("alice", "?", "?")]
    [InlineData("alice@example.org", "?", "?")]
    [InlineData("alice=example.org", "?", "?")]
    [InlineData("X-ALICE", "?", "?")]
    [InlineData("=alice@example.org", "?", "?")]
    public void Parameter_OfMail_ShowsNoMoreThanTheLevel(string parameter, string none, string domain)
    {
        Assert.Equal(none, Parameter(parameter, "none"));
        Assert.Equal(domain, Parameter(parameter, "domain"));
        Assert.DoesNotContain("alice", Parameter(parameter, "hash"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(parameter, Parameter(parameter, "full"));
    }

    [Theory]
    [InlineData("alice@example.org", "example.org")]
    [InlineData("\"a b\"@example.org", "example.org")]
    [InlineData("@hop.example:alice@example.org", "example.org")]
    [InlineData("alice@[192.0.2.1]", "[192.0.2.1]")]
    [InlineData("alice@example.org SIZE=bob", null)]
    [InlineData("alice@example.org>bob", null)]
    [InlineData("alice@", null)]
    [InlineData("alice", null)]
    public void Domain_OfAPath_IsADomainOrNothing(string path, string? domain) =>
        Assert.Equal(domain, Filter("domain").Apply(Encoding.ASCII.GetBytes(path)) is { } shown ? Encoding.ASCII.GetString(shown) : null);

    [Theory]
    [InlineData("SIZE 100", "SIZE 100")]
    [InlineData("XHELP alice@example.org", "XHELP")]
    [InlineData("alice@example.org", "?")]
    public void Capability_WithAnAddress_IsItsKeyword(string line, string shown)
    {
        Assert.Equal(shown, Encoding.ASCII.GetString(Filter("domain").ApplyToCapability(Encoding.ASCII.GetBytes(line))));
        Assert.Equal(line, Encoding.ASCII.GetString(Filter("full").ApplyToCapability(Encoding.ASCII.GetBytes(line))));
    }

    [Fact]
    public void Key_OfAnEnvelope_IsShownAsItIsOnlyInFull()
    {
        Assert.Equal("0011:1", Filter("full").ApplyToKey("0011:1"));
        foreach (var level in (string[])["none", "domain", "hash"])
        {
            Assert.Matches("^[0-9a-f]{16}$", Filter(level).ApplyToKey("0011:1"));
            Assert.Equal(Filter(level).ApplyToKey("0011:1"), Filter(level).ApplyToKey("0011:1"));
            Assert.NotEqual(Filter(level).ApplyToKey("0011:1"), Filter(level).ApplyToKey("0012:1"));
        }
    }

    [Fact]
    public void QueueId_ThatIsAnAddress_IsNone()
    {
        Assert.True(QueueId.Find("2.0.0 Ok: queued as alice@example.org"u8).IsEmpty);
        Assert.True(QueueId.Find("2.0.0 Ok: queued as a\u001bb"u8).IsEmpty);
    }

    private static string Parameter(string parameter, string level) =>
        Encoding.ASCII.GetString(Filter(level).ApplyToParameter(Encoding.ASCII.GetBytes(parameter)));

    private static AddressFilter Filter(string level) => new PrivacyOptions { Addresses = level, HashKey = Key }.ToFilter();
}
