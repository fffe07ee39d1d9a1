using System.Net;
using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Tests.Sessions.Admitting;

public sealed class ClientNetworkTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", 64, true)]
    [InlineData("192.0.2.1", "192.0.2.2", 1, false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", 64, true)]
    [InlineData("192.0.2.1", "::192.0.2.1", 64, false)]
    [InlineData("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", 64, true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", 64, false)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", 48, true)]
    [InlineData("2001:db8::1", "2001:db8::2", 128, false)]
    [InlineData("2001:db8::1", "2001:db9::1", 1, true)]
    public void Of_TwoAddresses_IsOneClientInsideThePrefix(string one, string other, int prefix, bool isSame) =>
        Assert.Equal(isSame, ClientNetwork.Of(IPAddress.Parse(one), prefix) == ClientNetwork.Of(IPAddress.Parse(other), prefix));
}
