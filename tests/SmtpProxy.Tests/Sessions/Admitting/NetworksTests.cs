using System.Net;
using CsCheck;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Tests.Sessions.Admitting;

public sealed class NetworksTests
{
    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.255", true)]
    [InlineData("192.0.2.0/24", "192.0.3.0", false)]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("0.0.0.0/0", "203.0.113.9", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("2001:db8::/32, 192.0.2.0/24", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32,192.0.2.0/24", "192.0.2.1", true)]
    [InlineData("192.0.2.0/24", "::ffff:192.0.2.9", true)]
    [InlineData("", "192.0.2.9", false)]
    public void Contains_AnAddress_WhenItIsInOneOfThem(string text, string address, bool contains)
    {
        Assert.Null(Networks.TryParse(text, out var networks));
        Assert.Equal(contains, networks.Contains(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("mx.example.org", "'mx.example.org' is not a network; write ADDRESS or ADDRESS/BITS")]
    [InlineData("25", "'25' is not a network")]
    [InlineData("192.0.2.0/33", "has no number of bits between 0 and 32; write such as 192.0.2.0/32")]
    [InlineData("192.0.2.0/", "has no number of bits")]
    [InlineData("2001:db8::/129", "between 0 and 128")]
    [InlineData("192.0.2.7/24", "has bits behind its prefix; write 192.0.2.0/24 for the network, or 192.0.2.7/32 for the address")]
    [InlineData("fe80::1%1", "'fe80::1%1' has a scope, which networks have not; write such as fe80::1/128")]
    [InlineData("192.0.2.0/24,::ffff:192.0.2.0/120", "'::ffff:192.0.2.0/120' is not a network")]
    [InlineData("192.0.2.0/-1", "'192.0.2.0/-1' has no number of bits")]
    [InlineData("192.0.2.0/ 24", "'192.0.2.0/ 24' has no number of bits")]
    [InlineData("192.0.0.0/1", "write 128.0.0.0/1 for the network")]
    [InlineData("10.128.0.0/8", "write 10.0.0.0/8 for the network")]
    [InlineData("10.0.128.0/8", "write 10.0.0.0/8 for the network")]
    [InlineData("10.0.0.0/4", "write 0.0.0.0/4 for the network")]
    [InlineData("2001:db8::7/64", "write 2001:db8::/64 for the network, or 2001:db8::7/128 for the address")]
    [InlineData("1.2.3/24", "'1.2.3/24' is not a network")]
    public void TryParse_NoNetwork_SaysWhatToWrite(string text, string problem) =>
        Assert.Contains(problem, Networks.TryParse(text, out _), StringComparison.Ordinal);

    /// <summary>Whoever serves these alone is open to nobody in the internet.</summary>
    [Theory]
    [InlineData("127.255.255.255", true)]
    [InlineData("128.0.0.1", false)]
    [InlineData("10.255.0.1", true)]
    [InlineData("11.0.0.1", false)]
    [InlineData("172.31.255.255", true)]
    [InlineData("172.32.0.0", false)]
    [InlineData("192.168.255.1", true)]
    [InlineData("100.127.0.1", true)]
    [InlineData("100.128.0.1", false)]
    [InlineData("169.254.7.7", true)]
    [InlineData("::1", true)]
    [InlineData("::2", false)]
    [InlineData("fd12::1", true)]
    [InlineData("fe00::1", false)]
    [InlineData("febf::1", true)]
    [InlineData("2001:db8::1", false)]
    public void Private_Networks_AreThoseThatNoMailFromTheInternetComesFrom(string address, bool isPrivate) =>
        Assert.Equal(isPrivate, Networks.Private.Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "192.0.2.0/24", true)]
    [InlineData("192.0.2.0/24", "", false)]
    [InlineData("192.0.2.0/24", "192.0.2.0/24", true)]
    [InlineData("192.0.2.128/25", "192.0.2.0/24", true)]
    [InlineData("192.0.2.0/24", "192.0.2.0/25", false)]
    [InlineData("192.0.2.0/24,2001:db8::/32", "192.0.2.0/24", false)]
    [InlineData("192.0.2.7,2001:db8::1", "2001:db8::/32, 192.0.2.0/24", true)]
    [InlineData("198.51.100.0/24", "192.0.2.0/24", false)]
    public void IsWithin_OtherNetworks_WhenEachIsInOneOfThem(string text, string others, bool isWithin)
    {
        Assert.Null(Networks.TryParse(text, out var inner));
        Assert.Null(Networks.TryParse(others, out var outer));
        Assert.Equal((isWithin, text.Length == 0), (inner.IsWithin(outer), inner.IsEmpty));
    }

    [Fact]
    public void Contains_AnyAddress_AgreesWithItsBits() =>
        Gen.Select(Gen.UInt, Gen.UInt, Gen.Int[0, 32]).Sample(static (network, address, bits) =>
        {
            var mask = bits == 0 ? 0 : uint.MaxValue << (32 - bits);
            Assert.Null(Networks.TryParse($"{Of(network & mask)}/{bits}", out var networks));
            Assert.Equal((network & mask) == (address & mask), networks.Contains(Of(address)));
        });

    private static IPAddress Of(uint address) => new([(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address]);
}
