using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Cli;

/// <summary>Commands that ask a running proxy, and something else that answers there: each ends, in bounded memory, and says that it is no
/// proxy.</summary>
public sealed class OtherServerTests
{
    private static readonly string[] Commands =
    [
        "faults", "faults list", "faults list --presets", "faults explain", "faults start greylist", "relays", "relays drain a/b",
        "clients", "clients --fleet", "clients --fleet --csv", "watch --lines", "watch --json", "watch --lines --fleet",
    ];

    /// <summary>Far above what these need, and far below what an answer without an end would.</summary>
    private static readonly Dictionary<string, string> Bounded = new() { ["DOTNET_GCHeapHardLimit"] = "0x60000000" };

    [Theory]
    [InlineData("application/json", "")]
    [InlineData("application/json", "null")]
    [InlineData("application/json", "{}")]
    [InlineData("application/json", "[]")]
    [InlineData("application/json", "[1]")]
    [InlineData("application/json", "{\"clients\":[{}],\"unanswered\":7,\"rules\":[null]}")]
    [InlineData("text/html", "<html>")]
    [InlineData("text/event-stream", "event: session\ndata: {}\n\n")]
    [InlineData("text/event-stream", "event: gap\ndata: 7\n\n")]
    [InlineData("text/event-stream", "event: hello\ndata: <\n\n")]
    public async Task Server_ThatIsNoProxy_IsSaidToBeNone(string type, string body)
    {
        await using var server = new OtherServer(type, body, isEndless: false);
        foreach (var command in Commands.Where(c => type != "text/event-stream" || c.StartsWith("watch", StringComparison.Ordinal)))
        {
            var (code, output, errors) = await ProxyProcess.RunAsync([.. command.Split(' '), "--admin", server.Url]);
            // JSON that is none of ours can have nothing to show; never is it a failure of the program itself.
            Assert.DoesNotContain("Exception", errors, StringComparison.Ordinal);
            Assert.True(code is 0 or 1, $"{command}: {code} {output}{errors}");
            Assert.True(code == 0 || errors.Contains("is no SmtpProxy", StringComparison.Ordinal), $"{command}: {errors}");
            Assert.True(code == 1 || body is "[]" or "{}" or "", $"{command}: {output}");
        }
    }

    [Theory]
    [InlineData("relays", "application/json")]
    [InlineData("clients", "application/json")]
    [InlineData("watch --lines", "text/event-stream")]
    public async Task Server_ThatDoesNotEnd_IsLeft(string command, string type)
    {
        await using var server = new OtherServer(type, "data: [\"", isEndless: true);
        var (code, _, errors) = await ProxyProcess.RunAsync(Bounded, [.. command.Split(' '), "--admin", server.Url]);
        Assert.Equal(1, code);
        Assert.Contains("is no SmtpProxy", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check --config ", "--config names no file; write the path")]
    [InlineData("check --SmtpProxy:Limits:MaxSessions=0x10",
        "SmtpProxy:Limits:MaxSessions: \"0x10\" is not a whole number, or too large a one; write digits only, such as 1000")]
    [InlineData("check --ReverseProxy:Clusters:relays:Destinations:a:Address=smtp://mx --ReverseProxy:Routes:r:Order=#10",
        "ReverseProxy:Routes:r:Order: \"#10\" is not a whole number")]
    [InlineData("relays --admin http://\u202e:1", "write the admin address of a proxy that runs")]
    [InlineData("rehearse x.yaml --admin http://\u202e:1", "write the admin address of a proxy that runs")]
    [InlineData("healthcheck --admin ftp://x", "nothing is served over ftp; write an admin address")]
    [InlineData("healthcheck --timeout nan", "--timeout nan: write a number of seconds, such as 3")]
    [InlineData("check --config /dev/zero", "/dev/zero: cannot be read: it is larger than 8 MiB")]
    [InlineData("rehearse /dev/zero --check", "/dev/zero: it is larger than 8 MiB")]
    [InlineData("probe smtp://127.0.0.1:1 --ca /dev/zero", "--ca /dev/zero: /dev/zero cannot be used: it is larger than 8 MiB")]
    public async Task Argument_ThatCannotBe_IsToldWithTheRemedy(string command, string said)
    {
        var (code, _, errors) = await ProxyProcess.RunAsync(command.Split(' '));
        Assert.Equal(1, code);
        Assert.Contains(said, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", errors, StringComparison.Ordinal);
    }

    /// <summary>Answers every request with the same.</summary>
    private sealed class OtherServer : TestRelay
    {
        private readonly string _type;
        private readonly string _body;
        private readonly bool _isEndless;

        public OtherServer(string type, string body, bool isEndless)
        {
            (_type, _body, _isEndless) = (type, body, isEndless);
            Start();
        }

        public string Url => Address.Replace("smtp:", "http:", StringComparison.Ordinal);

        protected override async Task ServeAsync(TcpClient client)
        {
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            while (await reader.ReadLineAsync() is { Length: > 0 })
            {
                // Its body is not looked at.
            }

            await stream.WriteAsync(Encoding.Latin1.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Type: {_type}\r\nConnection: close\r\n\r\n{_body}"));
            var more = new byte[1024 * 1024];
            more.AsSpan().Fill((byte)'x');
            while (_isEndless)
            {
                await stream.WriteAsync(more);
            }
        }
    }
}
