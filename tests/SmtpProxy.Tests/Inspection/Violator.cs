using System.Net;
using SmtpProxy.Inspection;
using SmtpProxy.Inspection.Card;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Inspection;

/// <summary>Servers with one flaw each, and the examination of them.</summary>
internal static class Violator
{
    private static readonly string[] Offers = ["PIPELINING", "SIZE 1000", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING", "ENHANCEDSTATUSCODES"];

    /// <summary>What a server answers that does all right, where nothing else is said.</summary>
    /// <param name="own">Its flaw: another answer to a command; null: none.</param>
    /// <param name="offers">What it offers instead.</param>
    public static Func<string, string?> Answers(Func<string, string?>? own = null, params string[] offers)
    {
        // The state of the conversation that is spoken: examinations have one at a time.
        var (inTransaction, inChunk, mistakes) = (false, 0, 0);
        string Act(string command)
        {
            var verb = command.Split(' ')[0].ToUpperInvariant();
            (inTransaction, mistakes) = verb switch
            {
                "" or "EHLO" => (false, 0),
                "MAIL" => (true, mistakes),
                "RSET" => (false, mistakes),
                _ => (inTransaction, mistakes),
            };
            return verb switch
            {
                "" => "220 mx.test ready",
                "EHLO" => "250-mx.test\r\n250-" + string.Join("\r\n250-", (offers.Length > 0 ? offers : Offers)[..^1]) + "\r\n250 "
                    + (offers.Length > 0 ? offers : Offers)[^1],
                "MAIL" when command.EndsWith("SIZE=1001", StringComparison.Ordinal) => "552 5.3.4 too large",
                "RCPT" when !inTransaction => "503 5.5.1 MAIL first",
                "RCPT" when command.Contains("<@>", StringComparison.Ordinal) => "501 5.1.3 no address",
                "RCPT" when command.Contains(".invalid", StringComparison.Ordinal) => "550 5.1.2 no such domain",
                "DATA" => "554 5.5.1 no recipients",
                "BDAT" => Chunk(),
                "XSMTPPROXYPROBE" => ++mistakes > 3 ? "421 4.7.0 enough" : "500 5.5.2 what?",
                "QUIT" => "221 2.0.0 bye",
                "NOOP" when command.Length > 510 => "500 5.5.2 line too long",
                "NOOP" or "RSET" or "MAIL" or "RCPT" => "250 2.0.0 ok",
                _ => "500 5.5.2 what?",
            };
        }

        string Chunk()
        {
            inChunk = 1;
            return "503 5.5.1 MAIL first";
        }

        return command =>
        {
            if (inChunk > 0 && command == "NOOP" && own?.Invoke("(chunk)") is null)
            {
                // The octets of the chunk, which are no command.
                inChunk = 0;
                return "";
            }

            return own?.Invoke(command) is { } flaw ? flaw.Length == 0 ? null : flaw : Act(command);
        };
    }

    /// <summary>An examination of a server.</summary>
    public static Examination Examine(ScriptedServer server) =>
        new(server.Connector, new IPEndPoint(IPAddress.Loopback, 25), Plan(), TimeProvider.System)
            { Silence = TimeSpan.FromMilliseconds(300) };

    /// <summary>All of a server.</summary>
    public static async Task<IReadOnlyList<CardEntry>> CardAsync(ScriptedServer server)
    {
        var walk = new Walk(server.Connector, static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), TimeProvider.System);
        return (await ReportCard.RunAsync(walk, _ => Examine(server), Plan(), static _ => { }, CancellationToken.None)).Entries;
    }

    private static WalkPlan Plan()
    {
        _ = RelayAddress.TryRead("smtp://mx.test", out var address);
        return new WalkPlan(address!) { Name = "me.test", Patience = TimeSpan.FromSeconds(20) };
    }
}
