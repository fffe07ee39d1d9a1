using System.Text.Json.Nodes;

namespace SmtpProxy.Tests.Differential;

/// <summary>The mail transactions of a dialogue.</summary>
internal sealed class Deal(Truth truth)
{
    /// <summary>Those that are over, as in the journal.</summary>
    public List<JsonObject> Ended { get; } = [];

    /// <summary>The open one.</summary>
    public Message? Open { get; private set; }

    private Truth Truth { get; } = truth;

    public void Begin(Turn mail)
    {
        Close("reset");
        Open = new Message(mail);
    }

    public void Recipient(Turn rcpt, Answer answer)
    {
        if (Open is { } open)
        {
            open.Recipients.Add((rcpt.Argument, answer.Code));
            if (answer.IsGood)
            {
                open.Accepted.Add(rcpt.Argument);
            }
        }
    }

    public void GoAhead(Turn data)
    {
        if (Open is { } open)
        {
            open.Via = "DATA";
            open.Data = data;
        }
    }

    public void Refused(Answer answer)
    {
        if (Open is { } open)
        {
            open.RefusedWith ??= answer.Code;
        }
    }

    public void Chunk(Turn bdat, Answer answer)
    {
        if (Open is not { } open)
        {
            return;
        }

        open.Via = "BDAT";
        if (answer.IsGood)
        {
            open.Octets += bdat.Payload.Length;
            return;
        }

        open.FinalCodes.Add(answer.Code);
        open.HasRefused = true;
        open.RefusedWith ??= answer.Code;
    }

    /// <summary>A reply to a whole message.</summary>
    public void Verdict(Truth.Owed owed, Answer answer, bool isAll)
    {
        if (Open is not { } open)
        {
            return;
        }

        if (owed.Turn.Kind == TurnKind.Data)
        {
            open.IsWhole = true;
        }
        else
        {
            open.Via = "BDAT";
            // A chunk counts with its first reply.
            open.Octets += owed.Got == 1 && answer.IsGood ? owed.Turn.Payload.Length : 0;
        }

        if (answer.Code == 353)
        {
            open.Speaks353 = true;
            return;
        }

        open.FinalCodes.Add(answer.Code);
        if (!open.Speaks353 || isAll)
        {
            open.HasGood |= answer.IsGood;
            open.HasRefused |= !answer.IsGood;
        }

        if (isAll)
        {
            Close("final");
        }
    }

    /// <summary>The open one is over.</summary>
    /// <param name="why"><c>final</c>, <c>reset</c>, or <c>end</c>: of the connection.</param>
    /// <param name="isOwed">The relay has the whole message and has not said what it makes of it, or not all.</param>
    public void Close(string why, bool isOwed = false)
    {
        if (Open is not { } open)
        {
            return;
        }

        Open = null;
        var outcome = isOwed ? "unknown" : (open.HasGood, open.HasRefused) switch
        {
            (true, true) => "partial",
            (true, false) => "delivered",
            (false, true) => "failed",
            _ => "aborted",
        };
        var any = new JsonArray("queue_id", "message_id");
        if (isOwed && open.FinalCodes.Count > 0)
        {
            any.Add((JsonNode)"outcome");
        }

        var verdict = VerdictOf(open, outcome, why);
        if (verdict is null)
        {
            any.Add((JsonNode)"verdict");
        }

        // Octets of a message that nobody has said anything of are what has come so far.
        var wire = open.Via is null ? (int?)null : open.Via == "BDAT" ? open.Octets : open.IsWhole || isOwed ? open.Data!.WireOctets : null;
        var message = open.Via == "DATA" && wire is not null ? open.Data!.MessageOctets : wire;
        // Of chunks that were all refused there is nothing to count, or 0.
        if (open.Via is not null && (wire is null || why == "end" || (open.Via == "BDAT" && open.Octets == 0)))
        {
            any.Add((JsonNode)"wire_octets");
            any.Add((JsonNode)"message_octets");
        }

        if (why == "end" && open.Via is null)
        {
            // A chunk that was cut has begun a message or not.
            any.Add((JsonNode)"via");
            any.Add((JsonNode)"wire_octets");
            any.Add((JsonNode)"message_octets");
        }

        Ended.Add(new JsonObject
        {
            ["from"] = open.Mail.Argument,
            ["params"] = new JsonArray([.. open.Mail.Parameters.Select(static p => (JsonNode)p)]),
            ["recipients"] =
                new JsonArray([.. open.Recipients.Select(static r => (JsonNode)new JsonObject { ["to"] = r.To, ["code"] = r.Code })]),
            ["accepted"] = open.Accepted.Count,
            ["rejected"] = open.Recipients.Count - open.Accepted.Count,
            ["via"] = open.Via,
            ["wire_octets"] = wire,
            ["message_octets"] = message,
            ["final_codes"] = new JsonArray([.. open.FinalCodes.Select(static c => (JsonNode)c)]),
            ["outcome"] = outcome,
            ["verdict"] = verdict,
            ["any"] = any,
        });
    }

    private static string? VerdictOf(Message open, string outcome, string why) => outcome switch
    {
        "delivered" => "accepted",
        "partial" => "partial",
        "failed" when open.FinalCodes.TrueForAll(c => c / 100 == open.FinalCodes[0] / 100) && open.Accepted.Count > 0 && !open.Speaks353 =>
            open.FinalCodes[0] / 100 == 4 ? "tempfail" : "permfail",
        "aborted" when why == "reset" && open is { RefusedWith: null, Accepted.Count: > 0 } => "reset",
        "aborted" when why == "end" && open is { RefusedWith: null, Accepted.Count: > 0 } => "aborted",
        _ => null,
    };

    /// <summary>An open transaction.</summary>
    internal sealed class Message(Turn mail)
    {
        public Turn Mail { get; } = mail;

        public bool IsPrdr { get; } = mail.Parameters.Contains("PRDR");

        public List<(string To, int Code)> Recipients { get; } = [];

        public List<string> Accepted { get; } = [];

        public List<int> FinalCodes { get; } = [];

        public string? Via { get; set; }

        public Turn? Data { get; set; }

        public int Octets { get; set; }

        public bool IsWhole { get; set; }

        public bool Speaks353 { get; set; }

        public bool HasGood { get; set; }

        public bool HasRefused { get; set; }

        public int? RefusedWith { get; set; }
    }
}
