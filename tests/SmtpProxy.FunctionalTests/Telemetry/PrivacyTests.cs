using System.Net;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Telemetry;

/// <summary>Secrets and addresses are fed in wherever a dialogue has room for them, and every output is searched for them.</summary>
public sealed class PrivacyTests
{
    private static readonly string[] Paths =
        ["", "metrics", "api/v1/sessions", "api/v1/upstreams", "api/v1/faults", "api/v1/codes/550", "openapi/v1.json", "healthz", "readyz"];

    /// <summary>What may be in no output at any level, in whatever form it is on the wire.</summary>
    private static readonly string[] Secrets =
    [
        "plain-passw0rd", "login-user1", "login-passw0rd", "cram-user1", "cram-passw0rd", "cram-challenge1", "xoauth-user1", "ya29.bearer1",
        "blind-passw0rd",
        "subject-secret1", "header-secret1", "body-secret1", "chunk-secret1", "reply-secret1", "vrfy-secret1", "unknown-secret1",
        "helo-secret1",
        "mechanism0secret1", "late0secret1", "xclient-secret1", "burl-secret1", "etrn-secret1", "alpn-secret1", "sni-secret1",
        "certificate-secret1",
    ];

    private const string LocalPart = "sender.mailbox1";
    private const string Domain = "people-domain1.example";
    private static readonly string Address = $"{LocalPart}@{Domain}";
    private static readonly string Recipient = $"recipient.mailbox1@{Domain}";
    private static readonly string Refused = $"refused.mailbox1@{Domain}";

    [Theory]
    [InlineData("none")]
    [InlineData("domain")]
    [InlineData("hash")]
    [InlineData("full")]
    public async Task Output_OfEveryKind_HoldsNoSecret_AndAddressesAsAllowed(string level)
    {
        await using var otlp = await OtlpSink.StartAsync();
        using var talk = new ScriptedTalk();
        await using var proxy = await ProxyProcess.StartAsync(static _ => { }, otlp.Environment,
            "--relay", talk.Address, "--addresses", level, "--SmtpProxy:Privacy:HashKey=a key of no meaning",
            "--SmtpProxy:Telemetry:SampleShare=1",
            "--SmtpProxy:Telemetry:ReadTraceParent=true", "--SmtpProxy:Telemetry:ReadMessageId=true", "--Logging:LogLevel:Default=Trace",
            "--SmtpProxy:Listeners:inbound:XClientFrom=127.0.0.0/8");
        await AuthenticateAsync(talk, proxy.Listener());
        await SendAsync(talk, proxy.Listener());
        await BreakOffAsync(talk, proxy.Listener());
        await WhereverElseAsync(talk, proxy.Listener());
        await PretendTlsAsync(talk, proxy.Listener());
        var journal = await proxy.JournalAsync(5);
        var pages = await PagesAsync(proxy);
        proxy.Terminate();
        Assert.Equal(0, await proxy.ExitAsync());

        var traces = otlp.Text("traces");
        // That the search can find something: all were traced, and sent with what the configuration says.
        Assert.All(journal, session => Assert.True(otlp.Has("traces", session.GetProperty("trace_id").GetString()!)));
        Assert.Contains("SMTP end-of-data", traces, StringComparison.Ordinal);
        Assert.Contains("<id1@message-host.example>", traces, StringComparison.Ordinal);
        Assert.Contains("smtpproxy.operation.duration", otlp.Text("metrics"), StringComparison.Ordinal);
        Assert.Equal("mail", otlp.Tenant);
        // The log says why sessions failed, within their traces and under the names that spans use.
        Assert.Contains(journal, session => otlp.Has("logs", session.GetProperty("trace_id").GetString()!));
        Assert.Contains("smtpproxy.diagnosis", otlp.Text("logs"), StringComparison.Ordinal);
        Assert.DoesNotContain("Evidence", otlp.Text("logs").Replace("{Evidence}", "", StringComparison.Ordinal), StringComparison.Ordinal);

        var outputs = new Dictionary<string, string>
        {
            ["journal"] = proxy.Output.Text, ["traces"] = traces, ["log"] = proxy.Errors.Text, ["pages"] = pages,
            ["OTLP logs"] = otlp.Text("logs"), ["OTLP metrics"] = otlp.Text("metrics"),
        };
        foreach (var (name, text) in outputs)
        {
            Assert.DoesNotContain(Secrets.SelectMany(Forms), form => text.Contains(form, StringComparison.OrdinalIgnoreCase));
            Assert.Equal(name == "journal" && level == "full", text.Contains("envid-secret1", StringComparison.OrdinalIgnoreCase));
            var mayTell = name is "journal" or "traces";
            foreach (var (form, allowed) in AddressForms(level))
            {
                Assert.True(text.Contains(form, StringComparison.OrdinalIgnoreCase) == (mayTell && allowed),
                    $"{form} in {name} at level {level}");
            }
        }
    }

    /// <summary>What is to be found of addresses in journal and traces.</summary>
    private static IEnumerable<(string Form, bool Allowed)> AddressForms(string level) =>
    [
        (LocalPart, level == "full"), ("recipient.mailbox1", level == "full"), ("refused.mailbox1", level == "full"),
        (Domain, level is "full" or "domain"), (Hash(Address), level == "hash"), (Hash(Recipient), level == "hash"),
    ];

    private static string Hash(string address) =>
        Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("a key of no meaning"u8, Encoding.ASCII.GetBytes(address))
            .AsSpan(0, 8));

    /// <summary>As it is, and in base64 at each of the three places where it can begin.</summary>
    private static IEnumerable<string> Forms(string secret) =>
    [
        secret,
        .. from lead in (int[])[0, 1, 2]
           let whole = Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('\0', lead) + secret))
           // What depends on its neighbours is left off.
           select whole[(lead == 0 ? 0 : 4)..^4],
    ];

    private static async Task<string> PagesAsync(ProxyProcess proxy)
    {
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        http.DefaultRequestHeaders.Add("Accept", "application/openmetrics-text; version=1.0.0, */*");
        var pages = new StringBuilder();
        foreach (var path in Paths)
        {
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative));
            pages.Append(await response.Content.ReadAsStringAsync());
        }

        Assert.Contains("trace_id=", pages.ToString(), StringComparison.Ordinal);
        return pages.ToString();
    }

    private static async Task GreetAsync(ScriptedTalk talk, IPEndPoint proxy)
    {
        await talk.ConnectAsync(proxy);
        await talk.RelayAsync("220 mx.example.net ESMTP reply-secret1\r\n");
        await talk.AskAsync("EHLO helo-secret1.example",
            "250-mx.example.net greets helo-secret1\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2");
    }

    private static async Task AuthenticateAsync(ScriptedTalk talk, IPEndPoint proxy)
    {
        await GreetAsync(talk, proxy);
        await talk.AskAsync("AUTH PLAIN " + Base64("\0login-user1\0plain-passw0rd"), "535 5.7.8 reply-secret1 no");
        await talk.AskAsync("AUTH PLAIN", "334 ");
        await talk.AskAsync(Base64("\0login-user1\0plain-passw0rd"), "535 5.7.8 no");
        await talk.AskAsync("AUTH LOGIN", "334 VXNlcm5hbWU6");
        await talk.AskAsync(Base64("login-user1"), "334 UGFzc3dvcmQ6");
        await talk.AskAsync(Base64("login-passw0rd"), "535 5.7.8 no login-user1");
        await talk.AskAsync("AUTH CRAM-MD5", "334 " + Base64("<cram-challenge1@mx>"));
        await talk.AskAsync(Base64("cram-user1 cram-passw0rd"), "535 5.7.8 no");
        await talk.AskAsync("AUTH XOAUTH2 " + Base64("user=xoauth-user1\u0001auth=Bearer ya29.bearer1\u0001\u0001"),
            "334 " + Base64("{\"reply-secret1\":1}"));
        await talk.AskAsync("", "535 5.7.8 no");
        // A client that does not notice the refusal sends its password as a command.
        await talk.AskAsync("AUTH LOGIN", "504 5.5.4 no");
        await talk.AskAsync(Base64("blind-passw0rd"), "500 5.5.1 what");
        await talk.AskAsync("blind-passw0rd", "500 5.5.1 what");
        await talk.AskAsync("QUIT", "221 2.0.0 bye");
        talk.Close();
    }

    private static async Task SendAsync(ScriptedTalk talk, IPEndPoint proxy)
    {
        const string Header = "Subject: subject-secret1\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
            + "Message-ID: <id1@message-host.example>\r\nX-Token: header-secret1\r\n\r\n";
        await GreetAsync(talk, proxy);
        await talk.AskAsync($"MAIL FROM:<{Address}> AUTH={Address} SIZE=100", $"250 2.1.0 {Address} reply-secret1");
        await talk.AskAsync($"RCPT TO:<{Recipient}> ORCPT=rfc822;{Recipient}", $"250 2.1.5 {Recipient} fine");
        await talk.AskAsync($"RCPT TO:<{Refused}>", $"550 5.1.1 <{Refused}>: reply-secret1");
        await talk.AskAsync("DATA", "354 go");
        await talk.ClientAsync(Header + "body-secret1\r\n.\r\n");
        await talk.RelayAsync($"250 2.0.0 Ok: queued as 4F1XYZ12 reply-secret1 for {Recipient}\r\n");
        await talk.AskAsync($"MAIL FROM:<{Address}>", "250 2.1.0 ok");
        await talk.AskAsync($"RCPT TO:<{Recipient}>", "250 2.1.5 ok");
        const string Chunk = Header + "chunk-secret1\r\n";
        await talk.ClientAsync($"BDAT {Chunk.Length} LAST\r\n{Chunk}");
        await talk.RelayAsync($"451 4.3.0 {Address} reply-secret1\r\n");
        await talk.AskAsync($"VRFY vrfy-secret1 {Address}", $"252 2.0.0 {Address}");
        await talk.AskAsync($"EXPN {Address}", $"502 5.5.1 {Address}");
        await talk.AskAsync($"XVERB unknown-secret1 {Address}", "500 5.5.1 what");
        await talk.AskAsync($"NOOP {Address} vrfy-secret1", "250 2.0.0 ok");
        await talk.AskAsync("QUIT", "221 2.0.0 bye");
        talk.Close();
    }

    /// <summary>Ends in the middle of a message that nobody has acknowledged.</summary>
    private static async Task BreakOffAsync(ScriptedTalk talk, IPEndPoint proxy)
    {
        await GreetAsync(talk, proxy);
        await talk.AskAsync($"MAIL FROM:<{Address}>", "250 2.1.0 ok");
        await talk.AskAsync($"RCPT TO:<{Recipient}>", "250 2.1.5 ok");
        await talk.AskAsync("DATA", "354 go");
        await talk.ClientAsync("Subject: subject-secret1\r\n\r\nbody-secret1\nblind-passw0rd\r\n");
        talk.Close();
    }

    /// <summary>Where people, and programs, put what does not belong there.</summary>
    private static async Task WhereverElseAsync(ScriptedTalk talk, IPEndPoint proxy)
    {
        await talk.ConnectAsync(proxy);
        await talk.RelayAsync($"220-{Address}\r\n220 mx reply-secret1\r\n");
        await talk.AskAsync("HELO helo-secret1", $"250 {Address}");
        await talk.AskAsync($"EHLO [{Address}]", $"250-mx\r\n250-XHELP {Address}\r\n250-{Address}\r\n250 AUTH PLAIN");
        await talk.AskAsync("AUTH mechanism0secret1", "504 5.5.4 mechanism0secret1");
        await talk.AskAsync("RSET", "451 4.3.0 reply-secret1");
        await talk.AskAsync("late0secret1", "500 5.5.1 late0secret1");
        await talk.AskAsync("NOOP", "250 2.0.0 ok");
        await talk.AskAsync($"MAIL FROM:<{Address}> {LocalPart}@elsewhere.example envid0 ENVID=envid-secret1", "250 2.1.0 ok");
        await talk.AskAsync("RSET", "250 2.0.0 ok");
        await talk.AskAsync(
            $"MAIL FROM:{Address} AUTH={LocalPart}+40{Domain} ORCPT=rfc822;{Recipient} X-TO={Refused} {LocalPart}=1 " +
                $"SIZE={LocalPart}@elsewhere.example {LocalPart}", "250 2.1.0 ok");
        await talk.AskAsync($"RCPT TO:<\"{LocalPart} x\"@{Domain}>", "250 2.1.5 ok");
        await talk.AskAsync($"RCPT TO:<@hop.example:{Recipient}>", "250 2.1.5 ok");
        await talk.AskAsync("DATA", "354 go");
        await talk.ClientAsync("body-secret1\r\n.\r\n");
        await talk.RelayAsync($"250 2.0.0 Ok: queued as {Refused}\r\n");
        await talk.AskAsync($"XCLIENT LOGIN=xclient-secret1 ADDR=192.0.2.1 NAME={Domain}", $"550 5.7.0 {Address}");
        await talk.AskAsync("XFORWARD NAME=xclient-secret1", "550 5.7.0 xclient-secret1");
        await talk.AskAsync("BURL imap://burl-secret1@mx/x LAST", "503 burl-secret1");
        await talk.AskAsync("ETRN etrn-secret1", "458 etrn-secret1");
        await talk.AskAsync($"HELP {Address}", $"214 {Address}");
        await talk.AskAsync($"{Address} {Address}", "500 what");
        await talk.AskAsync("QUIT", $"221 {Address} reply-secret1");
        talk.Close();
    }

    /// <summary>A ClientHello in the clear, whose extensions say who the client is, and a relay that answers in SMTP.</summary>
    private static async Task PretendTlsAsync(ScriptedTalk talk, IPEndPoint proxy)
    {
        await talk.ConnectAsync(proxy);
        await talk.RelayAsync("220 mx\r\n");
        string Block(int octets, string content) =>
            (octets == 2 ? $"{(char)(content.Length >> 8)}" : "") + (char)(content.Length & 255) + content;
        var alpn = "\0\u0010" + Block(2, Block(2, Block(1, $"alpn-secret1@{Domain}")));
        var name = "\0\0" + Block(2, Block(2, "\0" + Block(2, $"sni-secret1@{Domain}")));
        var body = "\u0003\u0003" + new string('r', 32) + "\0" + Block(2, "\u0013\u0001") + Block(1, "\0") + Block(2, alpn + name);
        await talk.ClientAsync("\u0016\u0003\u0001" + Block(2, "\u0001\0" + Block(2, body)));
        await talk.RelayAsync($"500 5.5.2 {Address}\r\n");
        talk.Close();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.Latin1.GetBytes(text));
}
