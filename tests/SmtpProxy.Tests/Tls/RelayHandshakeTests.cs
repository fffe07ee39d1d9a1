using System.Net.Security;
using System.Security.Authentication;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Tls;

namespace SmtpProxy.Tests.Tls;

public sealed class RelayHandshakeTests : IDisposable
{
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Fact]
    public async Task Certificate_OfATrustedAuthorityForTheRelay_IsBelieved() => Assert.Null(await JudgeAsync(_made.Good()));

    [Fact]
    public async Task Certificate_ForTheAddressOfTheRelay_IsBelieved() => Assert.Null(await JudgeAsync(_made.Good(), name: "127.0.0.1"));

    [Fact]
    public async Task Certificate_OfAnAuthorityThatIsNotTrusted_IsUntrusted()
    {
        var failure = await JudgeAsync(_made.Untrusted());
        Assert.Equal(TlsFailure.Untrusted, failure?.Type);
        Assert.Equal("untrusted root: the issuer of CN=localhost is not known: CN=Other CA", failure?.Words);
    }

    [Fact]
    public async Task Certificate_ByTheSystemsAuthorities_IsUntrusted() =>
        Assert.Equal(TlsFailure.Untrusted, (await JudgeAsync(_made.Good(), RelayTrust.System))?.Type);

    [Fact]
    public async Task Certificate_ForAnotherName_SaysWhoseItIs()
    {
        var failure = await JudgeAsync(_made.WrongHost());
        Assert.Equal(TlsFailure.NameMismatch, failure?.Type);
        Assert.Equal("name mismatch: the certificate is for wrong.example, the relay is localhost", failure?.Words);
    }

    [Fact]
    public async Task Certificate_ThatExpired_SaysWhen()
    {
        var failure = await JudgeAsync(_made.Expired());
        Assert.Equal(TlsFailure.Expired, failure?.Type);
        Assert.StartsWith("the certificate expired on 2", failure?.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_OfTomorrow_SaysFromWhen() =>
        Assert.StartsWith("the certificate is not good before 2", (await JudgeAsync(_made.Early()))?.Words, StringComparison.Ordinal);

    [Fact]
    public async Task Certificate_ThatIsPinned_NeedsNobodyElse()
    {
        var files = _made.Untrusted();
        var colons = string.Join(':', files.Sha256.Chunk(2).Select(static c => new string(c)));
        Assert.Null(await JudgeAsync(files, RelayTrust.Fingerprints([files.Sha256.ToLowerInvariant()]), "elsewhere.example"));
        Assert.Null(await JudgeAsync(files, RelayTrust.Fingerprints([new string('0', 64), $" sha256:{colons}"]), "elsewhere.example"));
    }

    [Fact]
    public async Task Certificate_ThatIsNotThePinnedOne_SaysItsFingerprint()
    {
        var files = _made.Good();
        var failure = await JudgeAsync(files, RelayTrust.Fingerprints([_made.Good().Sha256]));
        Assert.Equal(TlsFailure.NotPinned, failure?.Type);
        Assert.EndsWith($"sha256:{files.Sha256}", failure?.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_OfAnyKind_IsBelievedWhereNothingIsLookedAt() =>
        Assert.Null(await JudgeAsync(_made.Expired(), RelayTrust.Anything, "elsewhere.example"));

    [Fact]
    public async Task Authorities_WhoseFileChanges_AreReadAgain()
    {
        var file = _made.Write("authorities.pem", File.ReadAllText(_made.OtherCa));
        var trust = RelayTrust.Authorities(file);
        Assert.Equal(TlsFailure.Untrusted, (await JudgeAsync(_made.Good(), trust))?.Type);
        File.WriteAllText(file, File.ReadAllText(_made.Ca) + "\n");
        Assert.Null(await JudgeAsync(_made.Good(), trust));
    }

    [Fact]
    public async Task Version_BelowTheMinimum_IsNotSpoken()
    {
        var tls = RelayTls.Default("localhost") with { Trust = RelayTrust.Authorities(_made.Ca), MinimumVersion = TlsVersion.Tls13 };
        var handshake = tls.Begin();
        using var certificate = _made.Good().Load();
        var ends = await Handshake.RunAsync(handshake.Options, (stream, cancel) => stream.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.Tls12 }, cancel));
        Assert.Equal(TlsFailure.Version, TlsFailure.Of(ends.Client!, handshake.Rejected).Type);
    }

    /// <summary>TLS 1.2 shows certificates in the clear, so that a broken one can be written by hand.</summary>
    [Theory]
    [InlineData("30820100")]
    [InlineData("00")]
    [InlineData("3003020101")]
    public async Task Certificate_ThatIsBroken_IsMalformed(string certificate)
    {
        var handshake = RelayTls.Default("localhost").Begin();
        var ends = await Handshake.RunAsync(handshake.Options, async (stream, cancel) =>
        {
            var raw = Handshake.Inner(stream);
            _ = await raw.ReadAsync(new byte[4096], cancel);
            byte[] der = Convert.FromHexString(certificate), hello = [3, 3, .. new byte[32], 0, 0xC0, 0x2F, 0, 0, 5, 0xFF, 1, 0, 1, 0];
            byte[] chain = [0, 0, (byte)(der.Length + 3), 0, 0, (byte)der.Length, .. der];
            byte[] messages = [2, 0, 0, (byte)hello.Length, .. hello, 11, 0, 0, (byte)chain.Length, .. chain];
            await raw.WriteAsync((byte[])[0x16, 3, 3, 0, (byte)messages.Length, .. messages], cancel);
            _ = await raw.ReadAsync(new byte[4096], cancel);
            throw new IOException("it is over");
        });
        var failure = TlsFailure.Of(ends.Client!, handshake.Rejected);
        Assert.Equal((TlsFailure.Malformed, "the certificate that came cannot be read"), (failure.Type, failure.Words));
    }

    private async Task<TlsFailure?> JudgeAsync(PemFiles shown, RelayTrust? trust = null, string name = "localhost")
    {
        var handshake = new RelayTls(RelayTlsMode.Required, name, trust ?? RelayTrust.Authorities(_made.Ca), TlsVersion.Tls12).Begin();
        using var certificate = shown.Load();
        var ends = await Handshake.RunAsync(handshake.Options, (stream, cancel) =>
            stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancel));
        return ends.Client is { } thrown ? TlsFailure.Of(thrown, handshake.Rejected) : null;
    }
}
