using System.Net;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Protocol.Tests.Connections;

public sealed class AddressExtensionsTests
{
    [Theory]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("::192.0.2.1", "::192.0.2.1")]
    public void Unmapped_AnAddress_IsIPv4WhereItIsThat(string address, string plain)
    {
        Assert.Equal(IPAddress.Parse(plain), IPAddress.Parse(address).Unmapped());
        Assert.Equal(new IPEndPoint(IPAddress.Parse(plain), 25), new IPEndPoint(IPAddress.Parse(address), 25).Unmapped());
    }

    [Fact]
    public void Unmapped_AUnixSocket_IsItself()
    {
        var path = new UnixDomainSocketEndPoint("/run/relay.sock");
        Assert.Same(path, path.Unmapped());
    }
}
