using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>A client that comes back has a shorter handshake (RFC 8446, section 2.2; RFC 5077), judged by one
/// that is not ours: OpenSSL.</summary>
public sealed class ResumptionTests : IDisposable
{
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [SkippableFact]
    public async Task Client_ThatComesBack_IsResumed_WithTls12AndWithTls13_UntilTheCertificateChanges()
    {
        var files = _made.Good();
        var shown = _made.Write("shown.pem", await File.ReadAllTextAsync(files.Both));
        await using var proxy = await ProxyProcess.StartAsync(
            ["--SmtpProxy:Listeners:inbound:Tls:Mode=Implicit", $"--SmtpProxy:Listeners:inbound:Tls:Certificates:a:Certificate={shown}",
            "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None"]);
        foreach (var version in (string[])["-tls1_2", "-tls1_3"])
        {
            var session = System.IO.Path.Combine(_made.Path, $"session{version}");
            Assert.Contains("New, TLSv1", await TalkAsync(proxy, version, "-sess_out", session), StringComparison.Ordinal);
            Assert.Contains("Reused, TLSv1", await TalkAsync(proxy, version, "-sess_in", session), StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(shown, await File.ReadAllTextAsync(_made.For("localhost", "new.example").Both));
        var kept = System.IO.Path.Combine(_made.Path, "session-tls1_3");
        await Eventually.Async(
            async () => (await TalkAsync(proxy, "-tls1_3", "-sess_in", kept)).Contains("New, TLSv1", StringComparison.Ordinal),
            "a session with the old certificate is still resumed");
    }

    /// <summary>One session, to its end: tickets come after the handshake.</summary>
    private static Task<string> TalkAsync(ProxyProcess proxy, params string[] options) => Command.SucceedAsync(
        "sh", ["-c", "printf 'QUIT\\r\\n' | \"$@\" 2>&1", "sh", PeerTool.Require("openssl"), "s_client", "-connect", $"{proxy.Listener()}",
            "-ign_eof", .. options]);
}
