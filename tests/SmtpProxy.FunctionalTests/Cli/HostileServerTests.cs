using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Cli;

/// <summary>The command <c>probe</c> and servers that mean it harm: it ends, in little memory and with little to read, and says what is
/// wrong.</summary>
public sealed class HostileServerTests
{
    /// <summary>What none of these may take, however much the server sends.</summary>
    private static readonly Dictionary<string, string> SmallHeap = new() { ["DOTNET_GCHeapHardLimit"] = "0x4000000" };

    public static TheoryData<string, bool> All
    {
        get
        {
            var all = new TheoryData<string, bool>();
            foreach (var how in BadServer.Ways.Keys)
            {
                all.Add(how, false);
                all.Add(how, true);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Server_ThatMeansHarm_IsLeft_WithAFinding(string how, bool isScored)
    {
        await using var server = new BadServer(how);
        var (code, output, errors) = await ProxyProcess.RunAsync(SmallHeap,
            ["probe", server.Address, "--timeout", "1s", .. isScored ? ["--score"] : Array.Empty<string>()]);
        Assert.True(code is >= 0 and < 10, $"{code}: {output}{errors}");
        Assert.Equal("", errors);
        Assert.InRange(output.Length, 1, 64 * 1024);
        Assert.DoesNotContain(output, static c => char.IsControl(c) && c != '\n');
        // A walk that goes well ends at 354, and does not come to QUIT; a card has a line for each check instead.
        Assert.True(isScored || how == "replies after QUIT" || output.Contains("diagnosis  ", StringComparison.Ordinal), output);
    }

    /// <summary>A server that does one bad thing, at once or where the dialogue comes to it.</summary>
    private sealed class BadServer : TestRelay
    {
        /// <summary>What it sends without end, for each command line (the empty one: the greeting); null: a good answer.</summary>
        public static readonly Dictionary<string, Func<string, string?>> Ways = new()
        {
            ["endless banner"] = static _ => new string('2', 4096),
            ["endless lines of a banner"] = static _ => "220-and so on\r\n",
            ["drip"] = static _ => "2",
            ["NULs"] = static _ => new string('\0', 4096),
            ["capabilities without end"] = static command => command.StartsWith("EHLO", StringComparison.Ordinal) ? "250-X 1\r\n" : null,
            ["replies nobody asked for"] = static command => command.Length > 0 ? "250 2.0.0 nobody asked\r\n" : null,
            ["replies after QUIT"] = static command => command == "QUIT" ? "250 2.0.0 and another thing\r\n" : null,
            ["garbage for TLS"] = static command => command == "STARTTLS" ? "220 go\r\n\u0016\u0003\u0003\u007f\u00ff\u0002garbage" : null,
            ["closes"] = static command => command.StartsWith("MAIL", StringComparison.Ordinal) ? "" : null,
        };

        private readonly string _how;

        public BadServer(string how)
        {
            _how = how;
            Start();
        }

        protected override async Task ServeAsync(TcpClient client)
        {
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            for (var line = ""; line is not null; line = await reader.ReadLineAsync())
            {
                if (Ways[_how](line) is { } bad)
                {
                    await RepeatAsync(stream, bad);
                    return;
                }

                var good = line.StartsWith("EHLO", StringComparison.Ordinal)
                    ? $"250-bad.test\r\n250-PIPELINING\r\n250 {(_how == "garbage for TLS" ? "STARTTLS" : "8BITMIME")}"
                    : TalkingRelay.Yes(line);
                await stream.WriteAsync(Encoding.Latin1.GetBytes(good + "\r\n"));
            }
        }

        /// <summary>Until the other side has gone; a little at a time where little is the point.</summary>
        private static async Task RepeatAsync(NetworkStream stream, string text)
        {
            var octets = Encoding.Latin1.GetBytes(text);
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (octets.Length > 0)
            {
                await stream.WriteAsync(octets);
                _ = octets.Length > 1 || await pause.WaitForNextTickAsync();
            }
        }
    }
}
