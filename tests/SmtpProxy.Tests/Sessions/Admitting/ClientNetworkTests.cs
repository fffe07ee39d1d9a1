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
    [InlineData("2001:db8::1", "2001:db8::2", 64, true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", 64, false)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", 48, true)]
    [InlineData("2001:db8::1", "2001:db8::2", 128, false)]
    [InlineData("2001:db8::1", "2001:db9::1", 1, true)]
    [InlineData("2001:db8::1:0:1", "2001:db8::1:0:2", 96, true)]
    [InlineData("2001:db8::1:0:1", "2001:db8::2:0:1", 96, false)]
    [InlineData("2001:db8::1", "2001:db8::2", 127, false)]
    [InlineData("2001:db8::2", "2001:db8::3", 127, true)]
    public void Of_TwoAddresses_IsOneClientInsideThePrefix(string one, string other, int prefix, bool isSame) =>
        Assert.Equal(isSame, ClientNetwork.Of(IPAddress.Parse(one), prefix) == ClientNetwork.Of(IPAddress.Parse(other), prefix));

    /// <summary>Clients choose their addresses, and must not all meet in one bucket.</summary>
    [Fact]
    public void GetHashCode_OfManyClients_IsNotTheSame()
    {
        var clients = Enumerable.Range(0, 100).Select(static n => new ClientNetwork((ulong)n << 40, 0));
        Assert.True(clients.Select(static client => client.GetHashCode()).Distinct().Count() > 90);
    }
}
