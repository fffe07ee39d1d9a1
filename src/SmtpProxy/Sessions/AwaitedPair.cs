using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions;

/// <summary>A connection about which other proxies are being asked. The client is not read meanwhile, and nobody is dialled; then the pair
/// goes to its session, or to who turns it away. On the pair's loop.</summary>
/// <param name="asking">The question; it ends soon, and never fails.</param>
/// <param name="place">What the connection holds of the limits.</param>
/// <param name="arrival">The connection.</param>
/// <param name="decide">Given the answer, who takes the connection; null: it is to be closed at once.</param>
internal sealed class AwaitedPair(Task<CommonVerdict> asking, Place place, Arrival arrival, Func<CommonVerdict, IPairHandler?> decide)
    : IPairHandler
{
    private const int Answered = 1;
    private IPair _pair = null!;

    public void Accepted(IPair pair)
    {
        _pair = pair;
        if (asking.IsCompleted)
        {
            HandOver();
            return;
        }

        pair.Pause(Leg.Client);
        _ = asking.ContinueWith(static (_, pair) => ((IPair)pair!).Signal(Answered), pair, CancellationToken.None,
            TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public void Signalled(int what)
    {
        _pair.Resume(Leg.Client);
        HandOver();
    }

    /// <summary>It went before there was an answer.</summary>
    public void Closed() => place.Leave();

    public void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        // Nobody is read.
    }

    public void Ended(Leg from, EndKind how) => _pair.Reset(Leg.Client);

    public void TimedOut(PairTimer timer)
    {
        // None was set.
    }

    public void Dialled(in DialResult result)
    {
        // Nobody is dialled.
    }

    public void Spliced(Leg from, long octets)
    {
        // Nothing is.
    }

    public void Drained(Leg to)
    {
        // Nothing is sent.
    }

    private void HandOver()
    {
        if (decide(asking.Result) is { } next)
        {
            _pair.HandOver(next, arrival, []);
        }
        else
        {
            _pair.Reset(Leg.Client);
        }
    }
}
