using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SmtpProxy.Cli.Output;
using SmtpProxy.Cli.Probing;
using SmtpProxy.Inspection;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Cli.Probing;

/// <summary>What <c>probe</c> prints of a server that wants more than to be read.</summary>
public sealed class WaterfallTextTests
{
    private const string Hostile = "\x1b]0;owned\x07\x1b[2J\u202e";

    /// <summary>Colours are the only sequences that reach a terminal, and all of them are this program's own.</summary>
    [Fact]
    public void Walk_AlongAServerThatSaysControlSequences_PrintsThemAsNumbers_InColour()
    {
        using var certificate = CertificateFor($"mx{Hostile.Replace("\u202e", "", StringComparison.Ordinal)}.example");
        var tls = new SecurityFacts();
        tls.Take(certificate, null, null);
        var walk = new WalkResult(
            new WalkPlan(new RelayAddress("mx.example", 25, false)), DateTimeOffset.UnixEpoch,
            [
                new WalkStep("greeting", Operation.Greeting, 0, 1) { Reply = Reply(220) },
                new WalkStep("mail", Operation.Mail, 1, 1) { Reply = Reply(550) },
                new WalkStep("quit", Operation.Quit, 2, 1) { Problem = Hostile },
            ])
        {
            Offers = [$"AUTH {Hostile}", $"SIZE {Hostile}"],
            Tls = tls,
            Warnings = [Hostile],
        };
        var text = new WaterfallText(new Paint(true), 100).Of(walk);
        Assert.Contains("\\x1b]0;owned\\x07\\x1b[2J", text, StringComparison.Ordinal);
        Assert.Contains("\x1b[33m\\x1b]0;owned", text, StringComparison.Ordinal);
        var own = System.Text.RegularExpressions.Regex.Replace(text, "\x1b\\[[0-9]{1,2}m", "");
        Assert.Equal(Printable.Lines(own), own);
    }

    private static HeardReply Reply(int code) => new(code, Encoding.UTF8.GetBytes($"{code} {Hostile}\r\n"));

    /// <summary>For a name that no builder would write.</summary>
    private static X509Certificate2 CertificateFor(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mx.example", key, HashAlgorithmName.SHA256);
        var names = new AsnWriter(AsnEncodingRules.DER);
        using (names.PushSequence())
        {
            names.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, 2));
        }

        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", names.Encode(), critical: false));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }
}
