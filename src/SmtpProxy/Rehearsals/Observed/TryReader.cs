using System.Text.Json;

namespace SmtpProxy.Rehearsals.Observed;

/// <summary>Reads from a session what its client tried to send. The journal has what the client was told; what the relay really said of a
/// message is in the session's faults.</summary>
internal static class TryReader
{
    /// <summary>The tries, in order.</summary>
    public static IReadOnlyList<SeenTry> Read(JsonElement session, SeenSession seen)
    {
        var (mails, transactions) = (seen.Exchanges.Where(static e => e.Verb == "MAIL").ToArray(), session.ListOf("transactions"));
        if (mails.Length == 0 && transactions.Length == 0)
        {
            return WithoutMail(seen) is { } end ? [Of(seen, null, end)] : [];
        }

        // A transaction that MAIL did not open has no entry of its own.
        var isEach = transactions.Length >= mails.Length;
        var (hidden, lost) = (new Queue<SeenFault>(seen.Faults.Where(static f => f.HidesAnAcceptance)),
            seen.Faults.Count(static f => f.LosesAMessage));
        var (tries, next) = (new List<SeenTry>(), 0);
        for (var n = 0; n < Math.Max(mails.Length, transactions.Length); n++)
        {
            var mail = n < mails.Length ? mails[n] : null;
            var ended = Told(seen, mail, n + 1 < mails.Length ? mails[n + 1] : null);
            if (next < transactions.Length && (isEach || mail?.Code is >= 200 and < 300))
            {
                var transaction = transactions[next++];
                var isTold = transaction.TextOf("verdict") is "accepted" or "partial";
                var isTaken = isTold ? lost-- <= 0 : hidden.TryDequeue(out _);
                tries.AddRange(OfTransaction(seen, transaction, mail, ended, isTaken));
            }
            else
            {
                tries.Add(Of(seen, mail, EndOf(mail?.Code)) with { Ended = ended });
            }
        }

        return tries;
    }

    private static IEnumerable<SeenTry> OfTransaction(SeenSession seen, JsonElement transaction, SeenExchange? mail, double ended,
        bool isTaken)
    {
        var whole = transaction.TextOf("verdict") switch
        {
            "accepted" or "partial" => TryEnd.Accepted,
            "tempfail" => TryEnd.PutOff,
            "permfail" => TryEnd.Refused,
            _ => TryEnd.Cut,
        };
        var about = Of(seen, mail, whole) with
        {
            // A client that was not told knows by the end of the session.
            Ended = whole == TryEnd.Cut ? seen.Ended : ended,
            From = transaction.TextOf("from"),
            MessageId = transaction.TextOf("message_id"),
            IsTaken = isTaken,
        };
        var recipients = transaction.ListOf("recipients");
        if (recipients.Length == 0)
        {
            yield return about with { IsTaken = false };
        }

        foreach (var recipient in recipients)
        {
            var code = recipient.CodeOf("code");
            var isRefused = code is >= 400;
            yield return about with
            {
                To = recipient.TextOf("to"),
                End = isRefused ? EndOf(code) : whole,
                IsTaken = isTaken && !isRefused,
            };
        }
    }

    /// <summary>When the last reply of a try had come, Unix time in seconds; the session's end where one is missing.</summary>
    private static double Told(SeenSession seen, SeenExchange? mail, SeenExchange? next)
    {
        var own = seen.Exchanges.SkipWhile(e => mail is not null && e != mail).TakeWhile(e => e != next)
            .Where(static e => e.Verb is not ("QUIT" or "RSET" or "NOOP")).ToList();
        return own.Count == 0 || own.Exists(static e => e.Code is null) ? seen.Ended
            : seen.Began + (own.Max(static e => e.EndMs) / 1000);
    }

    /// <summary>What came of a session in which no mail was begun; null: nothing was tried.</summary>
    private static TryEnd? WithoutMail(SeenSession seen) =>
        seen.Exchanges.LastOrDefault(static e => e.Code is >= 400) is { } refused ? EndOf(refused.Code)
        : !seen.IsOpen && (seen.Faults.Count > 0 || seen.Outcome is not ("quit" or "client_gone" or null)) ? TryEnd.Cut
        : null;

    private static TryEnd EndOf(int? code) => code switch
    {
        null or 0 => TryEnd.Cut,
        >= 500 => TryEnd.Refused,
        >= 400 => TryEnd.PutOff,
        _ => TryEnd.Cut,
    };

    private static SeenTry Of(SeenSession seen, SeenExchange? mail, TryEnd end) => new(
        seen.Id, seen.Began + ((mail?.AtMs ?? 0) / 1000), seen.Ended, null, null, null, end, IsTaken: false, seen.IsSecure);
}
