using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SmtpProxy.Inspection;
using SmtpProxy.Inspection.Card;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Inspection;

/// <summary>STARTTLS of servers that do it right, and of those that can be made to obey what was said in the clear.</summary>
public sealed class StartTlsChecksTests : IDisposable
{
    private readonly X509Certificate2 _certificate;

    public StartTlsChecksTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _certificate = new CertificateRequest("CN=mx.test", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(9));
    }

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData("keep", "Wrong")]
    [InlineData("drop", "Good")]
    [InlineData("clear", "Wrong")]
    [InlineData("refuse", "Good")]
    [InlineData("close", "Good")]
    public async Task Command_ThatComesWithStartTls_IsNotToBeObeyed(string how, string mark)
    {
        var examination = await ExamineAsync(how, "250 mx.test");
        Assert.Equal(mark, Assert.Single(await StartTlsChecks.InjectAsync(examination, default)).Mark.ToString());
    }

    [Theory]
    [InlineData("250 mx.test", "Good")]
    [InlineData("250-mx.test\r\n250 STARTTLS", "Wrong")]
    public async Task StartTls_InsideTls_IsNotOfferedAgain_AndTheCertificateIsJudged(string inside, string mark)
    {
        var entries = (await StartTlsChecks.LookAsync(await ExamineAsync("drop", inside), default)).ToArray();
        Assert.Equal([("starttls", mark), ("certificate", "Look")], entries.Select(static e => (e.Name, e.Mark.ToString())));
        Assert.Contains("self-signed: CN=mx.test", entries[1].Text, StringComparison.Ordinal);
    }

    private async Task<Examination> ExamineAsync(string how, string inside)
    {
        _ = RelayAddress.TryRead("smtp://mx.test", out var address);
        var plan = new WalkPlan(address!) { Name = "me.test", Patience = TimeSpan.FromSeconds(20) };
        var examination = new Examination(
            (_, _) =>
            {
                var (ours, theirs) = TwoWayStream.Pair();
                _ = Task.Run(() => ServeAsync(theirs, how, inside), CancellationToken.None);
                return Task.FromResult(((Stream)ours, (EndPoint)new IPEndPoint(IPAddress.Loopback, 1)));
            },
            new IPEndPoint(IPAddress.Loopback, 25), plan, TimeProvider.System) { Silence = TimeSpan.FromMilliseconds(300) };
        // What it offers is known from the first conversation.
        await (await examination.BeginAsync(default)).DisposeAsync();
        return examination;
    }

    private async Task ServeAsync(Stream wire, string how, string inside)
    {
        try
        {
            await SayAsync(wire, "220 mx.test");
            await HearAsync(wire);
            await SayAsync(wire, "250-mx.test\r\n250 STARTTLS");
            var isInjected = (await HearAsync(wire)).Contains("NOOP", StringComparison.Ordinal);
            if (isInjected && how is "refuse")
            {
                await SayAsync(wire, "554 5.5.1 one at a time");
                await HearAsync(wire);
                return;
            }

            await SayAsync(wire, isInjected && how is "clear" ? "220 go\r\n250 2.0.0 ok" : "220 go");
            if (isInjected && how is "close")
            {
                return;
            }

            await using var tls = new SslStream(wire);
            await tls.AuthenticateAsServerAsync(_certificate);
            if (isInjected && how is "keep")
            {
                await SayAsync(tls, "250 2.0.0 ok");
            }

            while (await HearAsync(tls) is { Length: > 0 } said)
            {
                await SayAsync(tls, said.StartsWith("QUIT", StringComparison.Ordinal) ? "221 2.0.0 bye" : inside);
                if (said.StartsWith("QUIT", StringComparison.Ordinal))
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException or InvalidOperationException)
        {
            // The examination has what it wanted.
        }
        finally
        {
            await wire.DisposeAsync();
        }
    }

    private static async Task SayAsync(Stream wire, string line)
    {
        await wire.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
        await wire.FlushAsync();
    }

    /// <summary>All that came in one packet.</summary>
    private static async Task<string> HearAsync(Stream wire)
    {
        var octets = new byte[4096];
        return Encoding.ASCII.GetString(octets, 0, await wire.ReadAsync(octets));
    }
}
