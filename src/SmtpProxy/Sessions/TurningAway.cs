using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Telemetry;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions;

/// <summary>Turns clients away: counts each, tells it so where it can hear that, and bounds how many may linger. A session that was refused
/// is over, for the record, when it is told so. Thread-safe.</summary>
/// <param name="telemetry">Where refused sessions are recorded.</param>
/// <param name="observerFailed">Called when recording one failed.</param>
internal sealed class TurningAway(ITelemetry telemetry, Action<Exception> observerFailed)
{
    /// <summary>Refused clients that may be waited for at one time. More are reset without a word: descriptors are
    /// for those who are served.</summary>
    public const int MostLingering = 256;

    private int _lingering;

    /// <summary>Who takes the connection; null: it is to be closed at once.</summary>
    /// <param name="listener">The listener's name.</param>
    /// <param name="cluster">Its cluster.</param>
    /// <param name="arrival">The connection.</param>
    /// <param name="refusal">Why.</param>
    /// <param name="canHear">Whether the client would understand a reply: before TLS it waits for a
    /// handshake, which it is not worth.</param>
    public IPairHandler? Begin(string listener, string cluster, in Arrival arrival, Refusal refusal, bool canHear)
    {
        if (refusal.Limit is { } limit)
        {
            telemetry.LimitHit(limit);
        }

        var isTold = canHear && TryLinger();
        var record = telemetry.Open(listener, cluster);
        var seen = new DialogueTracker(record, observerFailed);
        seen.Accepted(arrival.Client, arrival.Local, arrival.At, arrival.At);
        if (isTold)
        {
            seen.Spoke(refusal.Reply, arrival.At);
            record.Transmitted(Leg.Client, refusal.Reply.Length);
        }
        else
        {
            seen.TurnedAwayUnheard(refusal.Reply);
        }

        // Nothing of a dialogue is missing: there was to be none.
        seen.Over(refusal.Outcome, arrival.At);
        return isTold ? new RefusedPair(refusal.Reply, Left) : null;
    }

    private bool TryLinger()
    {
        if (Interlocked.Increment(ref _lingering) <= MostLingering)
        {
            return true;
        }

        Left();
        telemetry.LimitHit("refused_lingering");
        return false;
    }

    private void Left() => Interlocked.Decrement(ref _lingering);
}
