using System.Net;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Tests.Configuration;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:2525", "127.0.0.1:2525")]
    [InlineData("0.0.0.0:25", "0.0.0.0:25")]
    [InlineData("[::1]:25", "[::1]:25")]
    [InlineData("[2001:db8::25]:0", "[2001:db8::25]:0")]
    [InlineData("*:25", "[::]:25")]
    [InlineData("LocalHost:2525", "127.0.0.1:2525")]
    public void TryParse_AnAddress_IsThatAddress(string text, string address)
    {
        Assert.True(ListenAddress.TryParse(text, out var parsed, out var problem), problem);
        Assert.Equal(address, parsed!.ToString());
    }

    [Theory]
    [InlineData("", "has no port")]
    [InlineData("2525", "has no port")]
    [InlineData("127.0.0.1", "has no port")]
    [InlineData("127.0.0.1:", "has no port between 0 and 65535")]
    [InlineData("127.0.0.1:70000", "has no port between 0 and 65535")]
    [InlineData("127.0.0.1:-1", "has no port between 0 and 65535")]
    [InlineData(":25", "write *:25")]
    [InlineData("::1:25", "write it in brackets")]
    [InlineData("mx.example.org:25", "host names cannot be listened on")]
    [InlineData("127.1:25", "does not begin with an IP address")]
    [InlineData("[127.0.0.1]:25", "does not begin with an IP address")]
    [InlineData("smtp://127.0.0.1:25", "does not")]
    public void TryParse_NoAddress_SaysWhatToWrite(string text, string problem)
    {
        Assert.False(ListenAddress.TryParse(text, out var parsed, out var told));
        Assert.Null(parsed);
        Assert.Contains(problem, told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unix:/run/in.sock", "/run/in.sock")]
    [InlineData("UNIX:@smtp", "@smtp")]
    [InlineData("systemd:inbound", "systemd:inbound")]
    [InlineData("[::1]:25", "[::1]:25")]
    public void TryParseAny_AnAddressOfAnyKind_IsThatAddress(string text, string address)
    {
        Assert.True(ListenAddress.TryParseAny(text, out var parsed, out var problem), problem);
        Assert.Equal(address, parsed!.ToString());
        Assert.True(parsed is IPEndPoint || ListenAddress.Collide(parsed, parsed));
        Assert.False(ListenAddress.Collide(parsed, new IPEndPoint(IPAddress.Any, 26)));
    }

    [Theory]
    [InlineData("unix:", "no path from the root; write unix:/run/smtpproxy/inbound.sock")]
    [InlineData("unix:in.sock", "no path from the root")]
    [InlineData("unix:/", "no path from the root")]
    [InlineData("unix:/run/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012.sock",
        "longer than the 107 octets")]
    [InlineData("systemd:", "names no socket; write systemd:NAME")]
    [InlineData("2525", "has no port")]
    public void TryParseAny_NoAddress_SaysWhatToWrite(string text, string problem)
    {
        Assert.False(ListenAddress.TryParseAny(text, out var parsed, out var told));
        Assert.Null(parsed);
        Assert.Contains(problem, told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:25", "127.0.0.1:25", true)]
    [InlineData("0.0.0.0:25", "127.0.0.1:25", true)]
    [InlineData("127.0.0.1:25", "[::]:25", true)]
    [InlineData("[::]:25", "[::1]:25", true)]
    [InlineData("127.0.0.1:25", "127.0.0.2:25", false)]
    [InlineData("127.0.0.1:25", "127.0.0.1:26", false)]
    [InlineData("0.0.0.0:25", "[::1]:25", false)]
    [InlineData("127.0.0.1:0", "127.0.0.1:0", false)]
    public void Collide_TwoListeners_WhenTheKernelWouldRefuseOne(string a, string b, bool collide)
    {
        Assert.Equal(collide, ListenAddress.Collide(IPEndPoint.Parse(a), IPEndPoint.Parse(b)));
        Assert.Equal(collide, ListenAddress.Collide(IPEndPoint.Parse(b), IPEndPoint.Parse(a)));
    }
}
