using System.Security.Authentication;
using CsCheck;
using SmtpProxy.Tls;

namespace SmtpProxy.Tests.Tls;

public sealed class ClientHelloTests
{
    [Fact]
    public void OpenSsl_Whole_IsRead() => AssertOpenSsl(Hellos.OpenSsl);

    [Fact]
    public void OpenSsl_WithoutTheNewestVersion_OffersTheOneItNames()
    {
        var hello = Read(Hellos.OpenSslTls12);
        Assert.Equal(["1.2"], hello!.Versions);
        Assert.Equal(28, hello.Ciphers);
    }

    [Fact]
    public void OpenSsl_CutAnywhere_IsRead()
    {
        var whole = Hellos.OpenSsl;
        for (var cut = 1; cut < whole.Length; cut++)
        {
            AssertOpenSsl(whole[..cut], whole[cut..]);
        }
    }

    [Fact]
    public void OpenSsl_ByteByByte_IsRead() => AssertOpenSsl([.. Hellos.OpenSsl.Select(static b => new[] { b })]);

    [Fact]
    public void OpenSsl_InRecordsOfAnySize_IsRead()
    {
        for (var size = 1; size < Hellos.OpenSsl.Length; size++)
        {
            AssertOpenSsl(Hellos.InRecordsOf(Hellos.OpenSsl, size));
            AssertOpenSsl([.. Hellos.InRecordsOf(Hellos.OpenSsl, size).Chunk(7)]);
        }
    }

    [Fact]
    public void OpenSsl_WithMoreBehindIt_IsRead() => AssertOpenSsl([.. Hellos.OpenSsl, 0x14, 3, 3, 0, 1, 1]);

    [Fact]
    public void OpenSsl_CutShort_IsNotComplete()
    {
        for (var length = 0; length < Hellos.OpenSsl.Length; length++)
        {
            Assert.Equal(ClientHelloState.Incomplete, new ClientHelloReader().Read(Hellos.OpenSsl.AsSpan(0, length), out var hello));
            Assert.Null(hello);
        }
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, "1.2")]
    [InlineData(SslProtocols.Tls13, "1.3")]
    [InlineData(SslProtocols.Tls12 | SslProtocols.Tls13, "1.3,1.2")]
    public void SslStream_OfEachVersion_IsRead(SslProtocols offered, string versions)
    {
        var hello = Read(Hellos.SslStream("mail.example.net", offered, "smtp"));
        Assert.Equal("mail.example.net", hello!.ServerName);
        Assert.Equal(versions.Split(','), hello.Versions);
        Assert.Equal(["smtp"], hello.Protocols);
        Assert.InRange(hello.Ciphers, 1, 100);
    }

    [Fact]
    public void SslStream_ToAnAddress_NamesNoServer()
    {
        var hello = Read(Hellos.SslStream("192.0.2.7", SslProtocols.Tls13));
        Assert.Null(hello!.ServerName);
        Assert.Empty(hello.Protocols);
    }

    [Theory]
    [InlineData("EHLO client.example\r\n")]
    [InlineData("\u0016\u0002\u0001\u0000\u0005hello")]
    [InlineData("\u0016\u0003\u0001\u0000\u0000")]
    [InlineData("\u0015\u0003\u0003\u0000\u0002\u0002\u0028")]
    [InlineData("\u0016\u0003\u0001\u0000\u0004\u0002\u0000\u0000\u0000")]
    [InlineData("\u0016\u0003\u0001\u0000\u0004\u0001\u0000\u0000\u0000")]
    public void Octets_ThatAreNone_AreUnreadable(string octets) =>
        Assert.Equal(ClientHelloState.Unreadable, new ClientHelloReader().Read(System.Text.Encoding.Latin1.GetBytes(octets), out _));

    [Fact]
    public void Message_ThatIsTooLong_IsUnreadableAtOnce() =>
        Assert.Equal(ClientHelloState.Unreadable, new ClientHelloReader().Read([0x16, 3, 1, 0x10, 0, 1, 0, 0x40, 1], out _));

    [Fact]
    public void ServerName_ThatIsNoName_IsNotTaken()
    {
        var octets = Hellos.OpenSsl;
        octets[octets.AsSpan().IndexOf("MX.example.org"u8)] = (byte)'<';
        Assert.Null(Read(octets)!.ServerName);
    }

    [Fact]
    public void Garbage_OfAnyKind_NeverThrowsAndTakesBoundedMemory() =>
        Gen.Byte.Array[0, 300].Array[1, 8].Sample(static pieces =>
        {
            var reader = new ClientHelloReader();
            foreach (var piece in pieces)
            {
                if (reader.Read(piece, out _) != ClientHelloState.Incomplete)
                {
                    return;
                }
            }
        });

    /// <summary>Garbage alone is refused by its first octets; a real one with changes gets further.</summary>
    [Fact]
    public void Hello_WithChanges_NeverThrows() =>
        Gen.Select(Gen.Int[0, Hellos.OpenSsl.Length - 1], Gen.Byte).Array[1, 12].Sample(static changes =>
        {
            var octets = Hellos.OpenSsl;
            foreach (var (at, value) in changes)
            {
                octets[at] = value;
            }

            _ = new ClientHelloReader().Read(octets, out var hello);
            Assert.True(hello is null || hello.ServerName is null
                || hello.ServerName.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'));
        }, iter: 20_000);

    [Fact]
    public void Records_WithoutEnd_AreBounded()
    {
        var reader = new ClientHelloReader();
        var state = reader.Read([0x16, 3, 1, 0x40, 0, 1, 0, 0x40, 0], out _);
        var octets = new byte[1024];
        for (var n = 0; n < 64 && state == ClientHelloState.Incomplete; n++)
        {
            state = reader.Read(octets, out _);
        }

        Assert.Equal(ClientHelloState.Unreadable, state);
    }

    private static void AssertOpenSsl(params byte[][] pieces)
    {
        var hello = Read(pieces);
        Assert.Equal("mx.example.org", hello?.ServerName);
        Assert.Equal(["1.3", "1.2", "1.1", "1.0"], hello!.Versions);
        Assert.Equal(["smtp", "h2"], hello.Protocols);
        Assert.Equal(31, hello.Ciphers);
    }

    private static ClientHello? Read(params byte[][] pieces)
    {
        var reader = new ClientHelloReader();
        foreach (var piece in pieces)
        {
            var state = reader.Read(piece, out var hello);
            if (state != ClientHelloState.Incomplete)
            {
                return hello;
            }
        }

        return null;
    }
}
