using System.Net;
using System.Net.Sockets;
using System.Text;
using CsCheck;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.Tests.Transport.ProxyProtocol;

public sealed class ProxyHeaderTests
{
    private const string Signature = "0D0A0D0A000D0A515549540A";

    private static readonly byte[][] Starts =
        [[], [.. "PROXY "u8], [.. "PROXY TCP4 "u8], Convert.FromHexString(Signature), Convert.FromHexString(Signature + "2111")];

    private static readonly Gen<IPEndPoint> V4 = Gen.Select(Gen.Byte.Array[4], Gen.UShort)
        .Select(static (a, p) => new IPEndPoint(new IPAddress(a), p));

    private static readonly Gen<IPEndPoint> V6 = Gen.Select(Gen.Byte.Array[16], Gen.UShort)
        .Select(static (a, p) => new IPEndPoint(new IPAddress(a), p)).Where(static e => !e.Address.IsIPv4MappedToIPv6);

    private static readonly Gen<(IPEndPoint Client, IPEndPoint Local)> Pairs = Gen.OneOf(Gen.Select(V4, V4), Gen.Select(V6, V6),
        Gen.Select(V4, V6));

    [Fact]
    public void Header_AnyThatIsWritten_IsReadAtEverySplit_AndNothingBehindItIsTaken() =>
        Gen.Select(Pairs, Gen.Bool.Select(static b => b ? ProxyVersion.V1 : ProxyVersion.V2)).Sample(static (pair, version) =>
        {
            var header = ProxyHeaderWriter.For(version, pair.Client, pair.Local);
            byte[] all = [.. header, .. "EHLO x\r\n"u8];
            for (var split = 0; split <= header.Length; split++)
            {
                var reader = new ProxyHeaderReader();
                Assert.Equal(split, reader.Take(all.AsSpan(0, split)));
                Assert.Equal(split < header.Length ? ProxyHeaderState.Partial : ProxyHeaderState.Complete, reader.State);
                Assert.Equal(header.Length - split, reader.Take(all.AsSpan(split)));
                Assert.Equal(new ProxyHeader(version, pair.Client, pair.Local), reader.Header);
            }
        }, iter: 200);

    [Fact]
    public void Header_OctetByOctet_IsReadAlike() =>
        Gen.Select(Pairs, Gen.Bool.Select(static b => b ? ProxyVersion.V1 : ProxyVersion.V2)).Sample(static (pair, version) =>
        {
            var reader = new ProxyHeaderReader();
            foreach (var octet in ProxyHeaderWriter.For(version, pair.Client, pair.Local))
            {
                Assert.Equal(1, reader.Take([octet]));
            }

            Assert.Equal((ProxyHeaderState.Complete, pair.Client, pair.Local),
                (reader.State, reader.Header.Source, reader.Header.Destination));
        }, iter: 200);

    [Fact]
    public void Reader_OfAnything_SaysTheSameHoweverItIsCut_AndKeepsLittle() =>
        Gen.Select(
            Gen.Int[0, Starts.Length - 1].Select(static n => Starts[n]),
            Gen.Byte.Array[0, 300], Gen.Int[1, 40]).Sample(static (start, rest, size) =>
        {
            byte[] all = [.. start, .. rest];
            var (whole, cut) = (new ProxyHeaderReader(), new ProxyHeaderReader());
            var taken = whole.Take(all);
            var takenInPieces = 0;
            for (var at = 0; at < all.Length; at += size)
            {
                takenInPieces += cut.Take(all.AsSpan(at, Math.Min(size, all.Length - at)));
            }

            Assert.Equal((whole.State, taken, whole.Problem), (cut.State, takenInPieces, cut.Problem));
            Assert.True(whole.Taken.SequenceEqual(all.AsSpan(0, taken)));
            Assert.InRange(taken, 0, ProxyHeader.LongestBinary);
        });

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.25 40112 25\r\n", "192.0.2.7:40112", "198.51.100.25:25")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::25 1 0\r\n", "[2001:db8::7]:1", "[2001:db8::25]:0")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.7 ::ffff:192.0.2.1 1 2\r\n", "192.0.2.7:1", "192.0.2.1:2")]
    public void Line_ThatIsRight_IsRead(string line, string source, string destination)
    {
        var reader = Read(Encoding.ASCII.GetBytes(line));
        Assert.Equal(new ProxyHeader(ProxyVersion.V1, IPEndPoint.Parse(source), IPEndPoint.Parse(destination)), reader.Header);
        Assert.Equal(ProxyHeaderState.Complete, reader.State);
    }

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n")]
    public void Line_OfAnUnknownClient_NamesNone(string line)
    {
        var reader = Read(Encoding.ASCII.GetBytes(line));
        Assert.Equal((ProxyHeaderState.Complete, (EndPoint?)null), (reader.State, reader.Header.Source));
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.25 40112 25\n", "CRLF")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.25 40112\r\n", "four words")]
    [InlineData("PROXY TCP4 192.0.2.7  198.51.100.25 40112 25\r\n", "four words")]
    [InlineData("PROXY TCP4 192.0.2.7 2001:db8::1 40112 25\r\n", "not one of TCP4")]
    [InlineData("PROXY TCP6 192.0.2.7 192.0.2.1 40112 25\r\n", "not one of TCP6")]
    [InlineData("PROXY TCP4 192.0.2.07 192.0.2.1 40112 25\r\n", "not one of TCP4")]
    [InlineData("PROXY TCP4 192.0.2 192.0.2.1 40112 25\r\n", "not one of TCP4")]
    [InlineData("PROXY TCP6 fe80::1%eth0 fe80::2 1 2\r\n", "not one of TCP6")]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 65536 25\r\n", "port")]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 025 25\r\n", "port")]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 -1 25\r\n", "port")]
    [InlineData("PROXY UDP4 192.0.2.7 192.0.2.1 1 25\r\n", "none of TCP4, TCP6 and UNKNOWN")]
    [InlineData("PROXY \r\n", "none of TCP4")]
    [InlineData("PROXY UNKNOWN xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n",
        "longer than 107")]
    public void Line_ThatIsWrong_IsMalformed(string line, string problem)
    {
        var reader = Read(Encoding.ASCII.GetBytes(line));
        Assert.Equal(ProxyHeaderState.Malformed, reader.State);
        Assert.Contains(problem, reader.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2111000CC0000207C6336419" + "9CB00019", "192.0.2.7:40112")]
    [InlineData("2111000FC0000207C6336419" + "9CB00019" + "040000", "192.0.2.7:40112")]
    [InlineData("20000000", null)]
    [InlineData("2011000CC0000207C63364199CB00019", null)]
    [InlineData("2100000401020304", null)]
    public void Binary_ThatIsRight_IsRead(string hex, string? source)
    {
        var reader = Read(Convert.FromHexString(Signature + hex));
        Assert.Equal((ProxyHeaderState.Complete, source), (reader.State, reader.Header.Source?.ToString()));
    }

    [Theory]
    [InlineData("1111000CC0000207C63364199CB00019", "version and command")]
    [InlineData("2211000CC0000207C63364199CB00019", "version and command")]
    [InlineData("2112000CC0000207C63364199CB00019", "family and protocol")]
    [InlineData("2111000BC0000207C63364199CB000", "no room")]
    [InlineData("2111000EC0000207C63364199CB000190400", "beyond its end")]
    [InlineData("2111000FC0000207C63364199CB00019040001", "beyond its end")]
    [InlineData("21110013C0000207C63364199CB0001903000400000000", "checksum")]
    [InlineData("21111000", "longer than 4096")]
    public void Binary_ThatIsWrong_IsMalformed(string hex, string problem)
    {
        var reader = Read(Convert.FromHexString(Signature + hex));
        Assert.Equal(ProxyHeaderState.Malformed, reader.State);
        Assert.Contains(problem, reader.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Binary_WithARightChecksum_IsRead()
    {
        var header = Convert.FromHexString(Signature + "21110013C0000207C63364199CB0001903000400000000");
        var crc = uint.MaxValue;
        foreach (var octet in header)
        {
            crc = System.Numerics.BitOperations.Crc32C(crc, octet);
        }

        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(^4), ~crc);
        Assert.Equal(ProxyHeaderState.Complete, Read(header).State);
    }

    [Theory]
    [InlineData("EHLO x\r\n")]
    [InlineData("PROXX")]
    [InlineData("\r\nQUIT\r\n")]
    public void Octets_ThatAreNoHeader_AreTheClients(string octets)
    {
        var reader = new ProxyHeaderReader();
        var taken = reader.Take(Encoding.ASCII.GetBytes(octets));
        Assert.Equal(ProxyHeaderState.Absent, reader.State);
        Assert.Equal(octets[..taken], Encoding.ASCII.GetString(reader.Taken));
    }

    [Fact]
    public void Writer_OfALinkLocalClient_LeavesItsScopeOut()
    {
        var (client, local) = (IPEndPoint.Parse("[fe80::1%1]:4000"), IPEndPoint.Parse("[fe80::2%1]:25"));
        var header = ProxyHeaderWriter.For(ProxyVersion.V1, client, local);
        Assert.Equal("PROXY TCP6 fe80::1 fe80::2 4000 25\r\n", Encoding.ASCII.GetString(header));
    }

    [Fact]
    public void Writer_WithoutAnAddress_SaysUnknownAndUnspecified()
    {
        var unix = new UnixDomainSocketEndPoint("/run/in.sock");
        Assert.Equal("PROXY UNKNOWN\r\n", Encoding.ASCII.GetString(ProxyHeaderWriter.For(ProxyVersion.V1, unix, unix)));
        Assert.Equal(Signature + "21000000", Convert.ToHexString(ProxyHeaderWriter.For(ProxyVersion.V2, unix, unix)));
        Assert.Equal(Signature + "20000000", Convert.ToHexString(ProxyHeaderWriter.ForOwn(ProxyVersion.V2, unix, unix)));
        Assert.Empty(ProxyHeaderWriter.For(ProxyVersion.None, unix, unix));
    }

    private static ProxyHeaderReader Read(byte[] octets)
    {
        var reader = new ProxyHeaderReader();
        reader.Take(octets);
        return reader;
    }
}
