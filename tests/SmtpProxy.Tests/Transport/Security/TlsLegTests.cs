using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Security;

namespace SmtpProxy.Tests.Transport.Security;

/// <summary>Two ends of TLS in memory, one thread, no connection between them but <see cref="_toServer"/> and
/// <see cref="_toClient"/>.</summary>
public sealed class TlsLegTests : IDisposable
{
    /// <summary>As much as a loop reads at once.</summary>
    private const int Portion = 128 * 1024;

    private readonly X509Certificate2 _certificate = SelfSigned();
    private readonly List<byte[]> _toServer = [];
    private readonly List<byte[]> _toClient = [];
    private readonly TlsLeg _server;
    private readonly TlsLeg _client;

    public TlsLegTests()
    {
        _server = new TlsLeg(Leg.Client, octets => _toClient.Add(octets.ToArray()), static () => { });
        _client = new TlsLeg(Leg.Relay, octets => _toServer.Add(octets.ToArray()), static () => { });
        var shown = SslStreamCertificateContext.Create(_certificate, null, offline: true);
        _server.Begin(stream => stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = shown }),
            0);
#pragma warning disable CA5359 // A throw-away certificate.
        var believing = new SslClientAuthenticationOptions
            { TargetHost = "localhost", RemoteCertificateValidationCallback = static (_, _, _, _) => true };
#pragma warning restore CA5359
        _client.Begin(stream => stream.AuthenticateAsClientAsync(believing), 0);
        while (_toServer.Count + _toClient.Count > 0)
        {
            Deliver(_toServer, _server);
            Deliver(_toClient, _client);
        }

        Assert.True(_server.TryFinish() && _client.TryFinish());
        Assert.Equal((TlsLegState.Open, TlsLegState.Open), (_server.State, _client.State));
    }

    public void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
        _certificate.Dispose();
    }

    [Fact]
    public void Octets_OfManyRecords_GoToTheConnectionTogether()
    {
        _client.Send(Text(Portion));
        var sent = Assert.Single(_toServer);
        Assert.InRange(sent.Length, Portion, Portion + 1024);
        Deliver(_toServer, _server);
        Assert.Equal(Text(Portion), ReadAll(out _));
    }

    [Fact]
    public void Records_ThatCameTogether_AreReadTogether()
    {
        _client.Send(Text(Portion));
        _client.Send(Text(10));
        _server.Feed(Cipher());
        Assert.Equal([.. Text(Portion), .. Text(10)], ReadAll(out var reads));
        Assert.InRange(reads, 1, 2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(16_000)]
    [InlineData(16_406)]
    [InlineData(100_000)]
    public void Records_CutAnywhere_AreReadWhole_AndWhatNobodyReadsWaits(int cut)
    {
        _client.Send(Text(Portion));
        var cipher = Cipher();
        _server.Feed(cipher.AsSpan(..cut));
        // Nobody wants them in this event.
        _server.Settle();
        _server.Feed(cipher.AsSpan(cut..^1));
        Assert.True(_server.TryRead(out var first));
        var read = first.ToArray().ToList();
        read.AddRange(ReadAll(out _));
        _server.Rest();
        _server.Settle();
        _server.Feed(cipher.AsSpan(^1..));
        read.AddRange(ReadAll(out _));
        Assert.Equal(Text(Portion), read);
    }

    [Fact]
    public void Record_ThatIsBroken_EndsTheLeg_AfterWhatCameBeforeIt()
    {
        _client.Send(Text(40_000));
        var cipher = Cipher();
        cipher[^1] ^= 1;
        _server.Feed(cipher);
        Assert.Equal(Text(40_000)[..32_000], ReadAll(out _)[..32_000]);
        Assert.Equal(TlsLegState.Broken, _server.State);
        Assert.False(_server.TryRead(out _));
    }

    /// <summary>Who is given octets may reset the leg, and goes on with them all the same: their memory is
    /// nobody else's before that.</summary>
    [Fact]
    public void Octets_OfALegThatIsClosedWhileTheyAreTaken_StayUntilTheyAre()
    {
        _client.Send(Text(10_000));
        _server.Feed(Cipher());
        Assert.True(_server.TryRead(out var octets));
        _server.Close("Reset.");
        Assert.Equal(Text(10_000), octets.ToArray());
        _server.Rest();
        Assert.False(_server.TryRead(out _));
    }

    [Fact]
    public void Goodbye_WithTheLastOctets_IsReadAfterThem()
    {
        _client.Send(Text(40_000));
        _client.Shut();
        _server.Feed(Cipher());
        Assert.True(_server.TryRead(out var octets));
        Assert.Equal(Text(40_000), octets.ToArray());
        for (var n = 0; n < 2; n++)
        {
            Assert.True(_server.TryRead(out var none));
            Assert.True(none.IsEmpty);
        }
    }

    [Fact]
    public void Memory_OfOctetsThatPass_IsNotTheCollectors()
    {
        const int Reads = 50;
        for (var n = 0; n < Reads; n++)
        {
            _client.Send(Text(Portion));
        }

        var reads = _toServer.ToList();
        Pass(reads[0]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var octets in reads.Skip(1))
        {
            Pass(octets);
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / (Reads - 1);
        Assert.True(each < 2048, $"{each} octets are allocated for each read of {Portion}");

        void Pass(byte[] octets)
        {
            _server.Feed(octets);
            while (_server.TryRead(out _))
            {
            }

            _server.Rest();
            _server.Settle();
        }
    }

    private static byte[] Text(int length) => [.. Enumerable.Range(0, length).Select(static n => (byte)(n * 31 % 251))];

    private static void Deliver(List<byte[]> octets, TlsLeg to)
    {
        var all = octets.ToList();
        octets.Clear();
        foreach (var part in all)
        {
            to.Feed(part);
            to.Settle();
        }
    }

    /// <summary>All that the client has sent.</summary>
    private byte[] Cipher()
    {
        byte[] all = [.. _toServer.SelectMany(static part => part)];
        _toServer.Clear();
        return all;
    }

    private byte[] ReadAll(out int reads)
    {
        var all = new List<byte>();
        for (reads = 0; _server.TryRead(out var octets); reads++)
        {
            Assert.False(octets.IsEmpty);
            all.AddRange(octets);
        }

        return [.. all];
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UtcNow;
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
