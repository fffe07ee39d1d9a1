using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Identity;

/// <summary>A Postfix that trusts this machine and nobody else, and takes the client's name from the proxy as
/// the documentation has it.</summary>
public sealed class TrustingPostfix : PostfixServer
{
    /// <summary>The one address that may relay: the proxy's.</summary>
    public static readonly IPAddress Trusted = IPAddress.Loopback;

    /// <summary>Another one, which may not.</summary>
    public static readonly IPAddress Outside = IPAddress.Parse("127.0.0.2");

    protected override string Settings => $"""
        mynetworks = {Trusted}/32
        {Snippet("docs/deployment.md", "^```main.cf\n(smtpd_authorized_xclient_hosts = .*?)^```").Replace("192.0.2.10", $"{Trusted}", StringComparison.Ordinal)}
        """;

    protected override string Services => Snippet("README.md", "^```master.cf\n(127.0.0.1:10025 inet .*?)^```")
        .Replace("127.0.0.1:10025 inet n - y", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ProxyPort} inet n - n"),
            StringComparison.Ordinal);

    /// <summary>What a page shows.</summary>
    public static string Snippet(string page, string pattern)
    {
        var match = Regex.Match(File.ReadAllText(Path.Combine(SourceFolder.Root, page)), pattern,
            RegexOptions.Multiline | RegexOptions.Singleline);
        Assert.True(match.Success, $"{page} does not show {pattern}");
        return match.Groups[1].Value;
    }
}

/// <summary>Whether a real relay that trusts the proxy's address relays for strangers behind the proxy.</summary>
public sealed class OpenRelayTests(TrustingPostfix postfix) : IClassFixture<TrustingPostfix>
{
    private const string Warning = "sees the proxy's address in place of theirs";

    [SkippableTheory]
    [InlineData("README.md", "epoll")]
    [InlineData("README.md", "portable")]
    [InlineData("src/SmtpProxy/Cli/Help/HelpText.cs", "epoll")]
    public async Task Recipe_ByProxyProtocol_RelaysForTheTrustedAndNotForStrangers(string page, string transport)
    {
        postfix.Require();
        var recipe = Arguments(TrustingPostfix.Snippet(page, "[Ss]mtp[Pp]roxy (--listen 0\\.0\\.0\\.0:25 .*?)\n"), postfix.ProxyPort);
        await using var proxy = await ProxyProcess.StartAsync([$"--SmtpProxy:Transport={transport}", .. recipe]);
        Assert.StartsWith("554 5.7.1", await RcptAsync(proxy, TrustingPostfix.Outside), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await RcptAsync(proxy, TrustingPostfix.Trusted), StringComparison.Ordinal);
        Assert.DoesNotContain(Warning, proxy.Errors.Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Recipe_ForClientsOfIPv6_DoesNotRelayForThem()
    {
        postfix.Require();
        await using var proxy = await ProxyProcess.StartAsync("--listen", "*:0", "--relay", $"smtp://127.0.0.1:{postfix.ProxyPort}",
            "--proxy-protocol", "v2");
        Assert.StartsWith("554 5.7.1", await RcptAsync(proxy, IPAddress.IPv6Loopback), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Recipe_ByXClient_RelaysForTheTrustedAndNotForStrangers()
    {
        postfix.Require();
        var recipe = Arguments(TrustingPostfix.Snippet("docs/deployment.md",
            "^smtpproxy (--listen '\\*:25' --relay smtp://mx\\.example\\.org --xclient)$"), postfix.Port);
        await using var proxy = await ProxyProcess.StartAsync(recipe);
        Assert.StartsWith("554 5.7.1", await RcptAsync(proxy, TrustingPostfix.Outside), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await RcptAsync(proxy, TrustingPostfix.Trusted), StringComparison.Ordinal);
        Assert.DoesNotContain(Warning, proxy.Errors.Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Relay_ThatIsToldNothing_RelaysForStrangers_AndTheStartWarnsOfIt()
    {
        postfix.Require();
        await using var proxy = await ProxyProcess.StartAsync("--listen", "0.0.0.0:0", "--relay", $"smtp://127.0.0.1:{postfix.Port}");
        Assert.StartsWith("250 ", await RcptAsync(proxy, TrustingPostfix.Outside), StringComparison.Ordinal);
        await proxy.Errors.AwaitAsync(static line => line.Contains(Warning, StringComparison.Ordinal)
            && line.Contains("--proxy-protocol v2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_OfARelayThatIsToldNothing_WarnsOnStandardOutputAndIsGood()
    {
        var (code, output, errors) = await ProxyProcess.RunAsync("check", "--listen", "0.0.0.0:25", "--relay", "smtp://127.0.0.1:10025");
        Assert.Equal((0, ""), (code, errors));
        Assert.Matches(
            $"WARNING   SmtpProxy:Listeners:inbound:Address: .*{Warning}.*ReverseProxy:Clusters:relays:Metadata:Smtp.ProxyProtocol=V2",
            output);
        (code, output, _) = await ProxyProcess.RunAsync("check", "--listen", "0.0.0.0:25", "--relay", "smtp://127.0.0.1:10025",
            "--proxy-protocol", "v2");
        Assert.Equal(0, code);
        Assert.DoesNotContain(Warning, output, StringComparison.Ordinal);
    }

    /// <summary>A recipe's arguments, with ports that are free and the relay where Postfix is.</summary>
    private static string[] Arguments(string recipe, int relay)
    {
        var words = recipe.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static w => w.Trim('\'')).ToArray();
        for (var n = 1; n < words.Length; n++)
        {
            words[n] = words[n - 1] switch
            {
                "--listen" => words[n].Replace(":25", ":0", StringComparison.Ordinal),
                "--relay" => string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{relay}"),
                "--journal" => "-",
                _ => words[n],
            };
        }

        return words;
    }

    /// <summary>The reply to a recipient far away, for a client of the given address.</summary>
    private static async Task<string?> RcptAsync(ProxyProcess proxy, IPAddress client)
    {
        using var socket = new Socket(client.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(client, 0));
        await socket.ConnectAsync(new IPEndPoint(client.AddressFamily == AddressFamily.InterNetworkV6
            ? IPAddress.IPv6Loopback : IPAddress.Loopback, proxy.Listener().Port));
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        string? reply = null;
        foreach (var line in (string[])["", "EHLO client.example", "MAIL FROM:<me@elsewhere.example>", "RCPT TO:<you@elsewhere.example>"])
        {
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(line.Length > 0 ? line + "\r\n" : ""));
            do
            {
                reply = await reader.ReadLineAsync().WaitAsync(ProxyProcess.Patience);
            }
            while (reply is [_, _, _, '-', ..]);
        }

        return reply;
    }
}
