using SmtpProxy.Codes;
using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Clocks;

namespace SmtpProxy.Telemetry.Records;

/// <summary>Makes a record of its own of what a session's record holds at a moment, so that it can be written
/// while the session goes on.</summary>
internal static class RecordPart
{
    /// <summary>Copies exchanges and transactions to another record, moves faults, and copies what says whose they are. None may be open;
    /// the session is to forget them next.</summary>
    /// <param name="session">The session's record.</param>
    /// <param name="part">An unused record.</param>
    /// <param name="dialogue">The session's dialogue, at rest.</param>
    /// <param name="soFar">The session until now: nobody has ended it.</param>
    /// <param name="traceId">The id of its trace; null: none is kept.</param>
    public static void Move(SessionRecord session, SessionRecord part, Dialogue dialogue, in SessionSoFar soFar, string? traceId)
    {
        Copy(session, part, dialogue, soFar, traceId);
        part.IsOpaque = false;
        (session.Part, part.Part) = (session.Part + 1, session.Part + 1);
        session.Faults.Clear();
        (session.ExchangesDropped, session.TransactionsDropped) = (0, 0);
    }

    /// <summary>Copies all of it, and changes nothing of the session's record. The dialogue may be anywhere;
    /// null: it has not begun.</summary>
    public static void Copy(SessionRecord session, SessionRecord part, Dialogue? dialogue, in SessionSoFar soFar, string? traceId)
    {
        part.Begin(session.Listener, session.Cluster, session.Client!, (session.Started, session.StartedAt), session.Addresses,
            session.MaxEntries);
        (part.Session, part.TraceId, part.Destination, part.Relay, part.RelayLocal) =
            (session.Session, traceId, session.Destination, session.Relay, session.RelayLocal);
        (part.Greeting, part.Introduction, part.Hello) = (session.Greeting, session.Introduction, session.Hello);
        (part.ClientTls, part.RelayTls, part.Finding) = (session.ClientTls, session.RelayTls, soFar.Finding);
        part.Capabilities.Copy(session.Capabilities);
        session.Anomalies.ForEach(part.Anomalous);
        session.Faults.ForEach(part.Injected);
        session.Dials.ForEach(part.Dials.Add);
        CopyAll(session, part);
        (part.Part, part.IsOngoing) = (session.Part > 0 ? session.Part + 1 : 0, true);
        part.Settle(dialogue, soFar.Octets, soFar.Shares);
    }

    private static void CopyAll(SessionRecord session, SessionRecord part)
    {
        // Their places within the text and the lists are kept: it is all of them, or none that point there.
        if (session.Text.TryCopyTo(part.Text) && TryCopy(part, session.Recipients, part.Recipients)
            && TryCopy(part, session.FinalCodes, part.FinalCodes)
            && TryCopyExchanges(session, part))
        {
            TryCopy(part, session.Transactions, part.Transactions);
        }
        else
        {
            part.Forget();
        }

        part.ExchangesDropped = session.ExchangesDropped + session.Exchanges.Count - part.Exchanges.Count;
        part.TransactionsDropped = session.TransactionsDropped + session.Transactions.Count - part.Transactions.Count;
    }

    private static bool TryCopyExchanges(SessionRecord session, SessionRecord part) =>
        session.Exchanges.Read(part, static (exchanges, part) =>
        {
            foreach (ref readonly var exchange in exchanges)
            {
                if (part.Keep(exchange) == 0)
                {
                    return false;
                }
            }

            return true;
        });

    private static bool TryCopy<T>(SessionRecord part, List<T> from, List<T> to)
    {
        foreach (var item in from)
        {
            if (!part.HasRoom(to))
            {
                return false;
            }

            to.Add(item);
        }

        return true;
    }
}

/// <summary>A session until now.</summary>
/// <param name="Octets">Octets that the client and the relay sent.</param>
/// <param name="Shares">How its time divides.</param>
/// <param name="Finding">What was wrong with what was written last; null: nothing.</param>
internal readonly record struct SessionSoFar((long Client, long Relay) Octets, Shares Shares, Finding? Finding);
