using System.Text.Json.Nodes;

namespace SmtpProxy.Tests.Differential;

// What is true when the connection is over.
internal sealed partial class Truth
{
    private JsonObject End(Ending ending)
    {
        var insideReply = _heard is not null;
        var unsaid = _saying;
        if (insideReply)
        {
            _must.Add("truncated-reply");
            _may.UnionWith(_heard!.Answer!.Anomalies);
        }

        if (unsaid is { Kind: PieceKind.Payload })
        {
            _must.Add("truncated-data");
            _may.UnionWith(unsaid.Turn!.Anomalies);
        }
        else if (unsaid is not null)
        {
            _must.Add("truncated-command");
            _may.UnionWith(unsaid.Turn!.Anomalies);
            _may.UnionWith(_pending);
        }
        else if (_queue.Exists(static o => !o.HasAll))
        {
            // Between the go-ahead, or a chunk's line, and the first octet after it.
            _must.Add("truncated-data");
        }

        if (_greeting is null)
        {
            (insideReply ? _may : _must).Add("missing-greeting");
        }

        // A message whose end was never said is owed nothing (PROTOCOL 5.7).
        var isInBody = _queue.Exists(static o => o is { IsFinal: true, HasAll: false, Turn.Kind: TurnKind.Data });
        _queue.RemoveAll(static o => o is { IsFinal: true, HasAll: false, Turn.Kind: TurnKind.Data });
        var isInChunk = _queue.Exists(static o => !o.HasAll);
        if (_queue.Count > 0 && !_closing)
        {
            (_quit ? _may : _must).Add("missing-reply");
        }

        var owed = _queue.TakeWhile(static o => o.Turn.Kind is not (TurnKind.Mail or TurnKind.Reset or TurnKind.Hello))
            .FirstOrDefault(static o => o.HasAll && (o.IsFinal || o.Turn is { Kind: TurnKind.Bdat, IsLast: true }));
        foreach (var left in _queue)
        {
            Unanswered(left);
        }

        var state = StateOf(insideReply, isInBody, isInChunk);
        _deal.Close("end", owed is not null);
        var isLmtp = _isLmtp || _queue.Exists(static o => o.Turn.Verb == "LHLO");
        var record = new JsonObject
        {
            ["protocol"] = !_speaks ? "unknown" : isLmtp ? "lmtp" : "smtp",
            ["greeting"] = Entry.Json(_greeting),
            ["exchanges"] = new JsonArray([.. _exchanges.Select(static e => (JsonNode)e.Json())]),
            ["capabilities"] = new JsonArray([.. _capabilities.Select(static c => (JsonNode)c)]),
            ["transactions"] = new JsonArray([.. _deal.Ended.Select(static t => (JsonNode)t)]),
            ["tls"] = "none",
            ["mode"] = "tracked",
            ["final_state"] = state,
            ["outcome"] = _quit ? "quit" : _greeting is { IsGood: false } ? "refused" : ending.ByClient ? "client_gone" : "relay_gone",
            ["anomalies"] = new JsonArray([.. _must.Select(static a => (JsonNode)a)]),
            ["anomalies_optional"] = new JsonArray([.. _may.Select(static a => (JsonNode)a)]),
            ["client_octets"] = _clientOctets,
            ["server_octets"] = _relayOctets,
        };
        if (state == "auth" && !_queue[0].WasChallenged)
        {
            record["final_state_also"] = new JsonArray("command");
        }

        return record;
    }

    private string StateOf(bool insideReply, bool isInBody, bool isInChunk) =>
        _quit ? "quit"
        : _closing ? "closing-421"
        : _greeting is { IsGood: false } ? "rejected"
        : insideReply ? "reply"
        : _greeting is null ? "greeting"
        : isInBody ? "data"
        : isInChunk ? "bdat"
        : _queue is [{ Turn.Kind: TurnKind.Auth }, ..] ? "auth"
        : "command";

    /// <summary>Every reply that a message is still owed has its place in the record.</summary>
    private void Unanswered(Owed left)
    {
        var isMessage = left.IsFinal || left.Turn is { Kind: TurnKind.Bdat, IsLast: true };
        if (!isMessage)
        {
            return;
        }

        if (left.Got == 0)
        {
            // How many replies a last chunk gets shows when the first comes.
            left.Of = _isLmtp && left.IsFinal && _deal.Open is { Accepted.Count: > 0 } open ? [.. open.Accepted] : [null];
        }

        for (var n = left.Got; n < left.Of.Count; n++)
        {
            var entry = n == 0 ? left.Entry : left.Entry.Another();
            entry.Recipient(left.Of[n]);
            if (n > 0)
            {
                _exchanges.Insert(_exchanges.IndexOf(left.Last!) + 1, entry);
            }

            left.Last = entry;
        }
    }
}
