using System.Net;
using System.Net.Sockets;
using CsCheck;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Tests.Transport.Epoll;

public sealed class SocketNameTests
{
    [Fact]
    public void Write_AnyAddress_IsReadBack() =>
        Gen.Select(Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16].Where(b => b[0] != 0)), Gen.Int[0, 65535]).Sample((octets, port) =>
        {
            var address = new IPEndPoint(new IPAddress(octets), port);
            return address.Equals(RoundTrip(address));
        });

    [Fact]
    public void Write_LinkLocal_KeepsTheScope()
    {
        var address = new IPEndPoint(new IPAddress(IPAddress.Parse("fe80::1").GetAddressBytes(), 7), 25);
        Assert.Equal(7, ((IPEndPoint)RoundTrip(address)!).Address.ScopeId);
    }

    [Fact]
    public void Read_IPv4OnADualStackSocket_IsPlainIPv4()
    {
        var mapped = new IPEndPoint(IPAddress.Parse("::ffff:192.0.2.7"), 40112);
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 40112), RoundTrip(mapped));
    }

    [Theory]
    [InlineData("/run/relay.sock")]
    [InlineData("/run/r\u00e9lai.sock")]
    public void Write_UnixDomainPath_IsReadBack(string path) =>
        Assert.Equal(path, RoundTrip(new UnixDomainSocketEndPoint(path))!.ToString());

    [Fact]
    public void Write_AbstractUnixDomainName_HasNoPath()
    {
        Span<byte> name = stackalloc byte[SocketName.MaxLength];
        var length = SocketName.Write(new UnixDomainSocketEndPoint("\0relay"), name);
        Assert.True(name[2..length].SequenceEqual("\0relay"u8));
    }

    [Fact]
    public void Read_SocketWithoutName_IsNull()
    {
        Assert.Null(SocketName.Read([]));
        Assert.Null(SocketName.Read([SocketConstants.FamilyUnix, 0]));
    }

    [Fact]
    public void Write_HostName_IsRefused()
    {
        var name = new DnsEndPoint("mx.example", 25);
        Assert.Equal(-1, SocketName.FamilyOf(name));
        Assert.Throws<ArgumentException>(() => SocketName.Write(name, new byte[SocketName.MaxLength]));
    }

    private static EndPoint? RoundTrip(EndPoint address)
    {
        Span<byte> name = stackalloc byte[SocketName.MaxLength];
        var length = SocketName.Write(address, name);
        return SocketName.Read(name[..length]);
    }
}
