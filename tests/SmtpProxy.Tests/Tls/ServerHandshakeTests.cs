using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Tls;

namespace SmtpProxy.Tests.Tls;

public sealed class ServerHandshakeTests : IDisposable
{
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("a.example", "a.example")]
    [InlineData("B.example", "b.example")]
    [InlineData("mx.wild.example", "*.wild.example")]
    [InlineData("two.mx.wild.example", "default.example")]
    [InlineData("wild.example", "default.example")]
    [InlineData("nobody.example", "default.example")]
    [InlineData("", "default.example")]
    public async Task Certificate_ByTheNameAskedFor_IsChosen(string asked, string shown)
    {
        var server = Handshake.Server(null, _made.For("default.example"), _made.For("a.example"), _made.For("b.example", "c.example"),
            _made.For("*.wild.example"));
        var handshake = server.Begin();
        var ends = await Handshake.RunAsync(Anything(asked), (s, c) => s.AuthenticateAsServerAsync(handshake.SelectAsync, null, c));
        Assert.Null(ends.Client);
        Assert.Equal(shown, LoadedCertificate.NamesOf((X509Certificate2)ends.ClientStream.RemoteCertificate!)[0]);
        Assert.Equal(asked.Length > 0 ? asked : null, handshake.ServerName, ignoreCase: true);
    }

    [Fact]
    public async Task Certificate_OfAnIntermediateAuthority_ComesWithIt()
    {
        var tls = RelayTls.Default("localhost") with { Trust = RelayTrust.Authorities(_made.Ca) };
        var relay = tls.Begin();
        var ends = await Handshake.RunAsync(relay.Options,
            (s, c) => s.AuthenticateAsServerAsync(Handshake.Server(null, _made.Chained()).Begin().SelectAsync, null, c));
        Assert.Null(relay.Rejected);
        Assert.Null(ends.Client);
    }

    [Fact]
    public async Task Alpn_WhateverIsOffered_DoesNotMatter()
    {
        var client = Anything("localhost");
        client.ApplicationProtocols = [new SslApplicationProtocol("smtp")];
        var ends = await Handshake.RunAsync(client,
            (s, c) => s.AuthenticateAsServerAsync(Handshake.Server(null, _made.Good()).Begin().SelectAsync, null, c));
        Assert.Null(ends.Client);
    }

    [Fact]
    public async Task Version_BelowTheMinimum_IsRefused()
    {
        var handshake = Handshake.Server(new ListenerTls { MinimumVersion = TlsVersion.Tls13 }, _made.Good()).Begin();
        var client = Anything("localhost");
        client.EnabledSslProtocols = SslProtocols.Tls12;
        var ends = await Handshake.RunAsync(client, (s, c) => s.AuthenticateAsServerAsync(handshake.SelectAsync, null, c));
        Assert.Equal(TlsFailure.Version, TlsFailure.Of(ends.Server!, handshake.Rejected).Type);
    }

    [Theory]
    [InlineData(ClientCertificateUse.None, "none", null)]
    [InlineData(ClientCertificateUse.Optional, "none", null)]
    [InlineData(ClientCertificateUse.Optional, "good", null)]
    [InlineData(ClientCertificateUse.Optional, "untrusted", TlsFailure.Untrusted)]
    [InlineData(ClientCertificateUse.Required, "none", TlsFailure.ClientCertificateMissing)]
    [InlineData(ClientCertificateUse.Required, "good", null)]
    [InlineData(ClientCertificateUse.Required, "untrusted", TlsFailure.Untrusted)]
    [InlineData(ClientCertificateUse.Required, "a server's", TlsFailure.Untrusted)]
    public async Task ClientCertificate_AsItIsAskedFor_IsJudged(ClientCertificateUse use, string shown, string? failure)
    {
        var handshake = Handshake.Server(new ListenerTls
            { ClientCertificate = use, ClientCa = use == ClientCertificateUse.None ? "" : _made.Ca }, _made.Good()).Begin();
        var client = Anything("localhost");
        using var certificate = (shown switch { "good" => _made.Client(), "untrusted" => _made.UntrustedClient(), _ => _made.Good() })
            .Load();
        client.ClientCertificateContext = shown == "none" ? null : SslStreamCertificateContext.Create(certificate, null, offline: true);
        var ends = await Handshake.RunAsync(client, (s, c) => s.AuthenticateAsServerAsync(handshake.SelectAsync, null, c));
        Assert.Equal(failure, ends.Server is { } thrown ? TlsFailure.Of(thrown, handshake.Rejected).Type : null);
    }

    [Fact]
    public async Task Octets_ThatAreNoTls_AreMalformed()
    {
        var handshake = Handshake.Server(null, _made.Good()).Begin();
        using var stream = new SslStream(new MemoryStream("EHLO client.example\r\n"u8.ToArray()));
        var thrown = await Record.ExceptionAsync(() =>
            stream.AuthenticateAsServerAsync(handshake.SelectAsync, null, CancellationToken.None));
        Assert.Equal(TlsFailure.Malformed, TlsFailure.Of(thrown!, handshake.Rejected).Type);
    }

    [Fact]
    public async Task Client_ThatLeaves_HasClosed()
    {
        var handshake = Handshake.Server(null, _made.Good()).Begin();
        using var stream = new SslStream(new MemoryStream());
        var thrown = await Record.ExceptionAsync(() =>
            stream.AuthenticateAsServerAsync(handshake.SelectAsync, null, CancellationToken.None));
        Assert.Equal(TlsFailure.Closed, TlsFailure.Of(thrown!, handshake.Rejected).Type);
    }

    [Theory]
    [InlineData("error:0A000418:SSL routines::tlsv1 alert unknown ca", TlsFailure.Rejected)]
    [InlineData("error:0A000412:SSL routines::ssl/tls alert bad certificate", TlsFailure.Rejected)]
    [InlineData("error:0A000415:SSL routines::ssl/tls alert certificate expired", TlsFailure.Rejected)]
    [InlineData("error:0A0000C1:SSL routines::no shared cipher", TlsFailure.Cipher)]
    [InlineData("error:0A000102:SSL routines::unsupported protocol", TlsFailure.Version)]
    [InlineData("error:0A0000F4:SSL routines::unexpected message", TlsFailure.Malformed)]
    [InlineData("error:0A0000C6:SSL routines::packet length too long", TlsFailure.Malformed)]
    [InlineData("error:0A000119:SSL routines::decryption failed or bad record mac", TlsFailure.Malformed)]
    [InlineData("error:0A0000B6:SSL routines::not on record boundary", TlsFailure.Malformed)]
    [InlineData("Index was outside the bounds of the array.", TlsFailure.Malformed)]
    [InlineData("error:0A000438:SSL routines::tlsv1 alert internal error", TlsFailure.Other)]
    public void Failure_ByWhatTheLibrarySays_IsOfAKind(string message, string kind) =>
        Assert.Equal(kind,
            TlsFailure.Of(new AuthenticationException("Authentication failed, see inner exception.", new IOException(message)), null).Type);

    private static SslClientAuthenticationOptions Anything(string name) => new()
    {
        TargetHost = name,
#pragma warning disable CA5359 // What is shown is what these tests look at.
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
    };
}
