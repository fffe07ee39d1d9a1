using SmtpProxy.Cli.Output;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Tls;

namespace SmtpProxy.Tests.Cli;

/// <summary>What <c>check</c> tells of certificates.</summary>
public sealed class TlsSummaryTests : IDisposable
{
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Fact]
    public void Certificates_OfAListener_AreListed()
    {
        var tls = new ListenerTls
        {
            Mode = ListenerTlsMode.StartTls,
            Require = true,
            ClientCertificate = ClientCertificateUse.Optional,
            ClientCa = _made.Ca,
            Certificates =
            {
                ["mx"] = new CertificateFiles { Certificate = _made.Until(TimeSpan.FromDays(9.5), "mx.example", "*.mx.example").Both },
                ["old"] = new CertificateFiles { Certificate = _made.Expired().Both },
            },
        };
        string[] lines = [.. TlsSummary.Of(tls, DateTimeOffset.UtcNow)];
        Assert.Equal("  tls     StartTls, required, from TLS 1.2, client certificates optional", lines[0]);
        Assert.Matches(@"^  cert    mx: mx\.example, \*\.mx\.example; ECDSA 256; until 20\d\d-\d\d-\d\d \d\d:\d\dZ, 9 days$", lines[1]);
        Assert.Matches(@"^  cert    old: localhost, 127\.0\.0\.1, ::1; ECDSA 256; EXPIRED on 20\d\d-\d\d-\d\d \d\d:\d\dZ: replace it",
            lines[2]);
    }

    [Fact]
    public void Listener_ThatPassesThrough_HasNoLine() => Assert.Empty(TlsSummary.Of(new ListenerTls(), DateTimeOffset.UtcNow));

    [Fact]
    public void Listener_WithoutTls_SaysSo() =>
        Assert.Equal(["  tls     None, none is offered"],
            TlsSummary.Of(new ListenerTls { Mode = ListenerTlsMode.None }, DateTimeOffset.UtcNow));
}
