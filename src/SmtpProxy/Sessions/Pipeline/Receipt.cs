using System.Diagnostics;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Pipeline;

/// <summary>
/// Finds out whether a client that has gone has the verdict on its message. One that waited too long for it closes its connection, and
/// sends the message again: then the recipient has it twice (RFC 1047). To us that is a FIN, as is a client that still reads; which of both
/// it was, its kernel says when the verdict comes. So our own end waits for that, for a short time.
/// </summary>
internal struct Receipt
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);
    private long _since;

    /// <summary>Returns whether the client's FIN has to wait; then it is asked for again by <see cref="PairTimer.Receipt"/>.</summary>
    public bool IsAwaited(SessionContext context)
    {
        if (!context.Telemetry.Flow.MayHaveMissedVerdict)
        {
            return false;
        }

        var confirmed = context.Pair.IsConfirmed(Leg.Client);
        if (confirmed is null)
        {
            var now = context.Pair.Clock();
            _since = _since == 0 ? now : _since;
            if (Stopwatch.GetElapsedTime(_since, now) < Patience)
            {
                context.Pair.SetTimer(PairTimer.Receipt, Beat);
                return true;
            }
        }

        context.Telemetry.Flow.Receipt(given: confirmed == true);
        return false;
    }

    /// <summary>The connection is about to be given up.</summary>
    /// <param name="context">The session.</param>
    /// <param name="late">It was long enough ago that the client spoke: what has not been confirmed by now never will be.</param>
    public static void Close(SessionContext context, bool late)
    {
        if (context.Telemetry.Flow.OwesReceipt && (late || context.Telemetry.Flow.MayHaveMissedVerdict)
            && context.Pair.IsConfirmed(Leg.Client) is var confirmed && (late || confirmed == false))
        {
            context.Telemetry.Flow.Receipt(given: confirmed == true);
        }
    }
}
