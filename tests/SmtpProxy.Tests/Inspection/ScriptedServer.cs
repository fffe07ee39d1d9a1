using System.Net;
using System.Text;
using SmtpProxy.Inspection;
using SmtpProxy.Upstreams.Probing;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Inspection;

/// <summary>A server inside the process that answers what it is told to, and writes down every octet that it heard.</summary>
internal sealed class ScriptedServer(Func<string, string?> answer)
{
    private readonly StringBuilder _heard = new();

    /// <summary>Everything that was said to it, over all connections.</summary>
    public string Heard
    {
        get
        {
            lock (_heard)
            {
                return _heard.ToString();
            }
        }
    }

    /// <summary>Connections so far.</summary>
    public int Connections { get; private set; }

    /// <summary>What it does when each connection was served to its end.</summary>
    public Task Served { get; private set; } = Task.CompletedTask;

    /// <summary>Takes everything.</summary>
    public static string? Yes(string command) => command.Split(' ')[0].ToUpperInvariant() switch
    {
        "" => "220 mx.test ready",
        "EHLO" or "LHLO" => "250-mx.test\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES",
        "DATA" => "354 go",
        "QUIT" => "221 2.0.0 bye",
        _ => "250 2.0.0 ok",
    };

    /// <summary>A walk that goes to it.</summary>
    public Task<WalkResult> WalkAsync(Func<WalkPlan, WalkPlan>? how = null)
    {
        _ = RelayAddress.TryRead("smtp://mx.test", out var address);
        return new Walk(Connector, static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), TimeProvider.System)
            .RunAsync((how ?? (static p => p))(new WalkPlan(address!) { Patience = TimeSpan.FromSeconds(20), Name = "me.test" }),
                CancellationToken.None);
    }

    /// <summary>Connects to it.</summary>
    public RelayConnector Connector => (at, cancel) =>
    {
        var (ours, theirs) = TwoWayStream.Pair();
        Connections++;
        Served = Task.WhenAll(Served, Task.Run(() => ServeAsync(theirs), CancellationToken.None));
        return Task.FromResult(((Stream)ours, (EndPoint)new IPEndPoint(IPAddress.Loopback, 1)));
    };

    /// <summary>Only CR LF ends a line.</summary>
    public bool IsStrict { get; init; }

    /// <summary>What comes after the first line of a packet is lost.</summary>
    public bool LosesGroups { get; init; }

    /// <summary>It does not close after QUIT.</summary>
    public bool StaysOpen { get; init; }

    private async Task ServeAsync(Stream wire)
    {
        await using (wire)
        {
            var line = new StringBuilder();
            var octets = new byte[LosesGroups ? 4096 : 1];
            try
            {
                var goesOn = await SayAsync(wire, answer(""));
                while (goesOn && await wire.ReadAsync(octets) is var read and > 0)
                {
                    var said = Encoding.Latin1.GetString(octets, 0, read);
                    lock (_heard)
                    {
                        _heard.Append(said);
                    }

                    line.Append(LosesGroups ? said.Split('\n')[0] + '\n' : said);
                    if (line[^1] == '\n' && (!IsStrict || (line.Length > 1 && line[^2] == '\r')))
                    {
                        var command = line.ToString().TrimEnd('\r', '\n');
                        line.Clear();
                        // An empty line, as in a message, is no command; after 421 and QUIT it is over.
                        var reply = command.Length == 0 ? "" : answer(command);
                        goesOn = await SayAsync(wire, reply) && (StaysOpen || command != "QUIT")
                            && !reply!.StartsWith("421", StringComparison.Ordinal);
                    }
                }
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // The other end is gone.
            }
        }
    }

    /// <summary>Null: closes. Without words: says nothing.</summary>
    private static async Task<bool> SayAsync(Stream wire, string? reply)
    {
        if (reply is { Length: > 0 })
        {
            await wire.WriteAsync(Encoding.Latin1.GetBytes(reply.EndsWith('\n') ? reply : reply + "\r\n"));
            await wire.FlushAsync();
        }

        return reply is not null;
    }
}
