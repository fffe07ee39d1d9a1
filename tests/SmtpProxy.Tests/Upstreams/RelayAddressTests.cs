using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Upstreams;

public sealed class RelayAddressTests
{
    [Theory]
    [InlineData("smtp://mx", "smtp://mx:25")]
    [InlineData("smtp://mx:2525/", "smtp://mx:2525")]
    [InlineData("SMTP://MX.example:25", "smtp://mx.example:25")]
    [InlineData("smtps://mx", "smtps://mx:465")]
    [InlineData("smtp://192.0.2.1", "smtp://192.0.2.1:25")]
    [InlineData("smtp://[2001:db8::1]", "smtp://[2001:db8::1]:25")]
    [InlineData("smtp://[fe80::1%lo]", "smtp://[fe80::1%lo]:25")]
    [InlineData("smtp://[fe80::1%25lo]:2525", "smtp://[fe80::1%lo]:2525")]
    [InlineData("smtp://[fe80::1%25]", "smtp://[fe80::1%25]:25")]
    [InlineData("smtp://b\u00fccher.example", "smtp://xn--bcher-kva.example:25")]
    public void TryRead_AnSmtpAddress_HasHostAndPort(string text, string expected)
    {
        Assert.Null(RelayAddress.TryRead(text, out var address));
        Assert.Equal(expected, address!.ToString());
    }

    [Theory]
    [InlineData(null, "is empty; write smtp://host:25")]
    [InlineData(" ", "is empty")]
    [InlineData("mx:25", "\"mx:25\" is not an SMTP address; write smtp://mx:25")]
    [InlineData("http://mx", "has the scheme http; a relay is smtp://host:25")]
    [InlineData("smtp://", "is not an SMTP address; write smtp://host:25")]
    [InlineData("smtp://2001:db8::1", "an IPv6 address in brackets")]
    [InlineData("smtp://mx:99999", "is not an SMTP address")]
    [InlineData("smtp://mx:0", "has port 0; write the port on which the relay listens, such as smtp://mx:25")]
    [InlineData("smtp://mx/inbox", "has more than host and port")]
    [InlineData("smtp://mx?tls=1", "has more than host and port")]
    [InlineData("smtp://mx#1", "has more than host and port")]
    public void TryRead_AnythingElse_SaysWhatWouldBeRight(string? text, string expected) =>
        Assert.Contains(expected, RelayAddress.TryRead(text, out _), StringComparison.Ordinal);

    [Theory]
    [InlineData("smtp://me:hunter2@mx")]
    [InlineData("me:hunter2@mx:25")]
    [InlineData("http://me:hunter2@mx")]
    [InlineData("smtp://me:hunter2@mx:99999")]
    public void TryRead_AnAddressWithAPassword_DoesNotRepeatIt(string text)
    {
        var error = RelayAddress.TryRead(text, out _);
        Assert.Contains("has more than host and port", error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }
}
