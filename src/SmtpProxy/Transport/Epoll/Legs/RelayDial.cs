using System.Diagnostics;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Epoll.Arrivals;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Transport.Epoll.Legs;

/// <summary>How the relay leg of a pair comes about: a dial is asked for, begun and finished.</summary>
internal struct RelayDial
{
    private DialTarget _target;
    private long _asked;
    private long _began;

    /// <summary>A dial was asked for and has not begun.</summary>
    internal bool IsWanted { get; private set; }

    /// <summary>The result of a dial that took too long.</summary>
    internal readonly DialResult TimedOut =>
        new(DialOutcome.TimedOut, null, null, $"No answer within {_target.Timeout.TotalSeconds:0.###} s");

    /// <summary>Asks for a dial, at this time.</summary>
    internal void Ask(in DialTarget target, long now)
    {
        (_target, _asked) = (target, now);
        IsWanted = true;
    }

    /// <summary>The dial is not wanted any more.</summary>
    internal void GiveUp() => IsWanted = false;

    /// <summary>Begins to connect.</summary>
    /// <param name="socket">The socket that connects, or is connected; below 0 when there is none.</param>
    /// <returns>0 when it is connected, <see cref="Errno.InProgress"/> when it will be, otherwise why there is no socket.</returns>
    internal int Begin(out int socket)
    {
        IsWanted = false;
        _began = Stopwatch.GetTimestamp();
        return Dialler.Begin(_target, out socket);
    }

    /// <summary>What came of it, with how long the proxy itself took before it began.</summary>
    internal readonly DialResult Timed(in DialResult result) => result with { Waited = Math.Max(0, _began - _asked) };

    /// <summary>Looks whether the connection of a leg is there, or failed. Where it is, what goes before everything else is sent; where it
    /// failed, the leg is closed.</summary>
    /// <param name="relay">The leg.</param>
    /// <param name="time">The loop's time.</param>
    /// <param name="result">What came of it.</param>
    /// <returns>False: nothing connects, or it still does.</returns>
    internal readonly bool TryFinish(ref EpollLeg relay, in LoopClock time, out DialResult result)
    {
        result = default;
        if (!relay.IsOpen || !relay.Has(LegState.Connecting) || !relay.Has(LegState.Writable | LegState.HungUp))
        {
            return false;
        }

        int errno = relay.Has(LegState.HungUp) ? Dialler.PendingError(relay.Socket) : 0;
        if (errno is Errno.ConnectionReset or Errno.BrokenPipe)
        {
            // It was established before it broke, and what the relay said first may still be there.
            relay.State |= LegState.WriteFailed | LegState.Broken | LegState.Suspect;
        }
        else if (errno != 0)
        {
            relay.Close();
            result = Dialler.Failure(errno);
            return true;
        }

        long late = time.MayBeVeryLate ? Math.Min(StampedRead.Age(relay.Socket), Math.Max(0, time.Now - _began)) : 0;
        relay.State &= ~LegState.Connecting;
        if (!_target.Preamble.IsEmpty)
        {
            relay.Send(_target.Preamble.Span);
        }

        result = new DialResult(DialOutcome.Connected, SocketName.Local(relay.Socket), _target.Address, null)
            { Late = late, RelayWaited = !_target.Preamble.IsEmpty };
        return true;
    }
}
