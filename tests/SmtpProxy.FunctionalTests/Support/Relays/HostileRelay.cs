using System.Formats.Asn1;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>A relay that puts the same text into everything that it may choose: greeting, keywords, replies, queue ids, the names of its
/// certificate. It offers STARTTLS, and refuses recipients whose address begins with <c>no</c>.</summary>
internal sealed class HostileRelay : TestRelay
{
    private readonly string _text;
    private readonly X509Certificate2 _certificate;

    /// <param name="text">The text; characters up to U+00FF, each sent as one octet.</param>
    public HostileRelay(string text)
    {
        _text = text;
        _certificate = CertificateFor(text);
        Start();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _certificate.Dispose();
    }

    protected override async Task ServeAsync(TcpClient client)
    {
        try
        {
            await TalkAsync(client.GetStream(), isSecured: false);
        }
        catch (AuthenticationException)
        {
            // Whoever is there leaves.
        }
    }

    private async Task TalkAsync(Stream stream, bool isSecured)
    {
        Task SayAsync(string reply) => stream.WriteAsync(Encoding.Latin1.GetBytes(reply + "\r\n")).AsTask();
        if (!isSecured)
        {
            await SayAsync($"220 {_text} ESMTP");
        }

        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        var inBody = false;
        while (await reader.ReadLineAsync() is { } line)
        {
            if (inBody && line != ".")
            {
                continue;
            }

            var verb = line.Split(' ')[0].ToUpperInvariant();
            await SayAsync(verb switch
            {
                "EHLO" => $"250-{_text}\r\n250-PIPELINING\r\n250-AUTH {_text}\r\n250-{_text}\r\n250-ENHANCEDSTATUSCODES\r\n"
                    + (isSecured ? "250 SIZE 1000000" : "250-STARTTLS\r\n250 SIZE 1000000"),
                "STARTTLS" => $"220 2.0.0 {_text}",
                "DATA" => $"354 {_text}",
                "." => $"250 2.0.0 {_text} queued as " +
                    $"{_text.Replace(" ", "/", StringComparison.Ordinal).Replace(">", "", StringComparison.Ordinal)}",
                "AUTH" => $"535 5.7.8 {_text}",
                "RCPT" when line.Contains("<no", StringComparison.Ordinal) => $"550-5.1.1 {_text}\r\n550 5.1.1 User unknown {_text}",
                "QUIT" => $"221 2.0.0 {_text}",
                "MAIL" or "RCPT" or "RSET" or "NOOP" => $"250 2.1.0 {_text}",
                _ => $"500 5.5.1 {_text}",
            });
            inBody = verb == "DATA";
            if (verb == "STARTTLS")
            {
                using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
                await tls.AuthenticateAsServerAsync(_certificate);
                await TalkAsync(tls, isSecured: true);
                return;
            }
        }
    }

    /// <summary>By itself, for names that no builder of certificates would write.</summary>
    private static X509Certificate2 CertificateFor(string text)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(text[..Math.Min(64, text.Length)]);
        subject.AddOrganizationName(text[..Math.Min(64, text.Length)]);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        var names = new AsnWriter(AsnEncodingRules.DER);
        using (names.PushSequence())
        {
            names.WriteCharacterString(UniversalTagNumber.IA5String, string.Concat(text.Where(char.IsAscii)),
                new Asn1Tag(TagClass.ContextSpecific, 2));
        }

        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", names.Encode(), critical: false));
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
