using System.Text;
using System.Text.Json;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tests.Telemetry;

namespace SmtpProxy.Tests.Codes;

/// <summary>Messages that a relay would not have, told in ways of their own, cut anywhere.</summary>
public sealed class MessageDiagnosisTests
{
    private const string Envelope = "C:MAIL FROM:<a@example.org>|S:250 ok|C:RCPT TO:<b@example.net>|S:250 ok|";
    private const string Refused = "S:500 5.5.1 what|";

    /// <summary>What is said after the envelope, how it ends, and the diagnosis, its code, the first transaction's
    /// outcome and its final codes.</summary>
    public static TheoryData<string, SessionOutcome, string?, string?, string, string> Table() => new()
    {
        // DATA that gets no go-ahead
        { "C:DATA|S:250 ok|C:Subject: x|C:|C:hello there|C:.|" + Refused + Refused + Refused + Refused
            + "C:QUIT|S:221 bye|", SessionOutcome.Quit, "data_refused", null, "aborted", "" },
        { "C:DATA|S:250 ok|C:hello|C:.|" + Refused + Refused + "C:RSET|S:250 ok|" + Envelope
            + "C:DATA|S:354 go|C:.|S:250 ok|C:QUIT|S:221 bye|", SessionOutcome.Quit, "data_refused", null, "aborted", "" },
        { "C:DATA|S:250 ok|C:QUIT|S:221 bye|", SessionOutcome.Quit, "data_refused", null, "aborted", "" },
        { "C:DATA|S:250 ok|C:hello|C:.|", SessionOutcome.ClientGone, "data_refused", null, "aborted", "" },
        { "C:DATA|S:250 ok|C:hello|C:.|S:500 what|S:421 too many|", SessionOutcome.RelayGone, "data_refused", "421", "aborted", "" },
        { "C:DATA|S:250 ok|C:DATA|S:354 go|C:.|S:250 ok|C:QUIT|S:221 bye|", SessionOutcome.Quit, null, null, "delivered", "250" },
        { "C:DATA|S:250 ok|C:DATA|S:354 go|C:.|S:552 5.3.4 too big|C:QUIT|S:221 bye|", SessionOutcome.Quit, "too_large", "552", "failed",
            "552" },

        // A verdict too many
        { "C:BDAT 3 LAST|C~abc|S:250 ok|S:550 5.7.1 no|C:QUIT|S:221 bye|", SessionOutcome.ClientGone, "final_reply_surplus", null,
            "delivered", "250" },
        { "C:BDAT 3 LAST|C~abc|S:452 4.3.1 full|S:250 ok|", SessionOutcome.ClientGone, "final_reply_surplus", "452", "failed", "452" },
        { "C:DATA|S:354 go|C:.|S:250 ok|S:250 ok|C:QUIT|S:221 bye|", SessionOutcome.Quit, "final_reply_surplus", null, "delivered", "250" },
        { "C:BDAT 3 LAST|C~abc|C:QUIT|S:250 ok|S:550 5.7.1 no|S:221 bye|", SessionOutcome.ClientGone, "final_reply_surplus", null,
            "delivered", "250" },
        { "C:DATA|S:354 go|C:.|S:250 ok|C:NOOP|S:250 ok|S:250 what|", SessionOutcome.ClientGone, null, null, "delivered", "250" },
        { "C:DATA|S:354 go|C:.|S:250 ok|S:421 idle|", SessionOutcome.RelayGone, null, null, "delivered", "250" },

        // After a lax end in this message; in an earlier one
        { "C:DATA|S:354 go|C~x\n.\n|C:|C:.|S:250 ok|S:500 what|", SessionOutcome.ClientGone, null, null, "delivered", "250" },
        { "C:DATA|S:354 go|C~x\n.\n|C:|C:.|S:250 ok|" + Envelope
            + "C:DATA|S:354 go|C:.|S:250 ok|S:250 ok|", SessionOutcome.ClientGone, "final_reply_surplus", null, "delivered", "250" },

        // BURL that is refused
        { "C:BURL imap://x;uid=1 LAST|S:452 4.3.1 Insufficient system storage|C:RSET|S:250 ok|C:QUIT|S:221 bye|", SessionOutcome.Quit,
            "storage_full", "452", "failed", "452" },
        { "C:BURL imap://x;uid=1|S:552 5.3.4 too big|C:RSET|S:250 ok|C:QUIT|S:221 bye|", SessionOutcome.Quit, "too_large", "552", "failed",
            "552" },
        { "C:BURL imap://x;uid=1|S:552 5.3.4 too big|C:BURL imap://y LAST|S:503 no|C:QUIT|S:221 bye|", SessionOutcome.Quit, "too_large",
            "552", "failed", "552 503" },
        { "C:BDAT 3|C~abc|S:552 5.3.4 too big|C:BURL imap://y LAST|S:503 no|C:QUIT|S:221 bye|", SessionOutcome.Quit, "too_large", "552",
            "failed", "552 503" },
        { "C:BURL imap://x;uid=1 LAST|S:554 5.7.0 no|C:BURL imap://y LAST|S:250 ok|C:QUIT|S:221 bye|", SessionOutcome.Quit, "unclear",
            "554", "failed", "554" },
        { "C:BURL imap://x;uid=1 LAST|S:554 5.6.6 cannot be fetched|", SessionOutcome.ClientGone, "unclear", "554", "failed", "554" },
        { "C:BURL imap://x LAST|S:250 ok|C:QUIT|S:221 bye|", SessionOutcome.Quit, null, null, "delivered", "250" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Message_ThatIsNotTaken_IsDiagnosed(string said, SessionOutcome outcome, string? code, string? refusal, string transaction,
        string finals)
    {
        ArgumentNullException.ThrowIfNull(said);
        for (var piece = 1; piece < 100; piece++)
        {
            var line = Play(Envelope + said, outcome, piece is 1 or 99 ? piece : piece + 1);

            var found = line.GetProperty("diagnosis");
            Assert.Equal(code, found.ValueKind == JsonValueKind.Null ? null : found.GetProperty("code").GetString());
            Assert.Equal(refusal, code is null
                ? null : found.GetProperty("evidence").TryGetProperty("code", out var by) ? by.GetString() : null);
            var first = line.GetProperty("transactions")[0];
            Assert.Equal(transaction, first.GetProperty("outcome").GetString());
            Assert.Equal(finals, string.Join(' ', first.GetProperty("final_codes").EnumerateArray().Select(static c => c.GetInt32())));
            Assert.Equal(said.StartsWith("C:BURL", StringComparison.Ordinal) ? "BURL" : first.GetProperty("via").GetString(),
                first.GetProperty("via").GetString());
        }
    }

    [Fact]
    public void Message_ReadAsCommands_IsNotInTheJournal()
    {
        var line = Play(Envelope + "C:DATA|S:250 ok|C:secret word|C:MAIL FROM:<secret@x>|C:RCPT TO:<secret@y>|C:EHLO secret|C:.|" + Refused
            + Refused + Refused + Refused + Refused + "C:QUIT|S:221 bye|", SessionOutcome.Quit, 99);

        Assert.DoesNotContain("secret", line.GetRawText(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("data_refused", line.GetProperty("diagnosis").GetProperty("code").GetString());
    }

    /// <summary>What begins anew after such a message is recorded as ever.</summary>
    [Fact]
    public void Transaction_AfterAMessageReadAsCommands_IsInTheJournal()
    {
        const string Second = "C:MAIL FROM:<second@example.org> SIZE=7|C:RCPT TO:<third@example.net>|" + Refused
            + "S:250 ok|S:250 ok|C:DATA|S:354 go|C:.|S:250 ok|C:QUIT|S:221 bye|";
        for (var piece = 1; piece < 100; piece++)
        {
            var line = Play(Envelope + "C:DATA|S:250 ok|C:<html>|" + Second, SessionOutcome.Quit, piece);

            var second = line.GetProperty("transactions")[1];
            Assert.Equal("second@example.org", second.GetProperty("from").GetString());
            Assert.Equal("SIZE=7", second.GetProperty("params")[0].GetString());
            Assert.Equal("third@example.net", second.GetProperty("recipients")[0].GetProperty("to").GetString());
            Assert.DoesNotContain("html", line.GetRawText(), StringComparison.OrdinalIgnoreCase);
        }
    }

    private static JsonElement Play(string said, SessionOutcome outcome, int piece)
    {
        using var talk = new Conversation();
        talk.Greet();
        foreach (var part in said.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var octets in Encoding.Latin1.GetBytes(part[2..] + (part[1] == ':' ? "\r\n" : "")).Chunk(piece))
            {
                talk.Wait(1).Pass(part[0] == 'C' ? Leg.Client : Leg.Relay, octets);
            }
        }

        return talk.Over(outcome).Line();
    }
}
