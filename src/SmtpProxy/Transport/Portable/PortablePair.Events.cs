using System.Diagnostics;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Portable;

// What happens to a pair and what the handler is told of it.
internal sealed partial class PortablePair
{
    /// <summary>With more than this unsent to a leg the other is not read, paused or not: it bounds memory whatever the session does.</summary>
    private const int UnsentBound = 256 * 1024;

    /// <summary>Reads of both legs before others have their turn, and timers and signals are looked at again.</summary>
    private const int TurnsAtOnce = 8;

    /// <summary>How long they may take.</summary>
    private static readonly long _turn = Stopwatch.Frequency / 2000;

    private void Handle(Work work)
    {
        if (_isClosed)
        {
            return;
        }

        try
        {
            Now = Stopwatch.GetTimestamp();
            Dispatch(work);
            ReadOn();
        }
        catch (Exception e)
        {
            TransportLog.HandlerFailed(_log, e, Id);
            Drop();
        }

        CloseIfOver();
    }

    private void Dispatch(Work work)
    {
        if (work.HasFlag(Work.Accept))
        {
            _handler.Accepted(this);
            if (_client.IsLive)
            {
                _client.BeginReading();
            }
        }

        if (work.HasFlag(Work.Dispose))
        {
            Drop();
            return;
        }

        if (work.HasFlag(Work.Dial))
        {
            Dialled();
        }

        if (work.HasFlag(Work.Sent))
        {
            Sent(_client);
            Sent(_relay);
        }

        if (work.HasFlag(Work.Signal))
        {
            while (_signals.TryTake(out var what))
            {
                _handler.Signalled(what);
            }
        }

        if (work.HasFlag(Work.Timer))
        {
            TimersDue();
        }
    }

    private void Dialled()
    {
        if (_dial is not { } dial || !dial.TryTake(out var result, out var socket))
        {
            return;
        }

        if (socket is not null)
        {
            _relay = new PortableLeg(Leg.Relay, socket, _executor.Wake);
            _relay.BeginReading();
            if (!_preamble.IsEmpty)
            {
                _relay.Out.Send(_preamble.Span);
            }
        }

        _dial = null;
        _handler.Dialled(result);
    }

    private void Sent(PortableLeg? leg)
    {
        if (leg is not { IsLive: true, Out: { IsBroken: false, Unsent: 0 } })
        {
            return;
        }

        leg.Out.ShutIfDue();
        if (leg.Out.DrainedIsDue)
        {
            leg.Out.DrainedIsDue = false;
            _handler.Drained(leg.Leg);
        }

        leg.CloseIfOver();
    }

    private void TimersDue()
    {
        for (var timer = _timers.TakeDue(); timer >= 0 && !IsOver; timer = _timers.TakeDue())
        {
            if (timer == PairTimers.Watch)
            {
                Watch();
            }
            else
            {
                _handler.TimedOut((PairTimer)timer);
            }
        }

        _timers.Rearm();
    }

    /// <summary>The reset of a connection whose FIN was read shows only to who writes.</summary>
    private void Watch()
    {
        foreach (var leg in (ReadOnlySpan<PortableLeg?>)[_client, _relay])
        {
            if (leg is { IsLive: true, HasEnded: true })
            {
                leg.Out.Probe();
                _timers.Set(PairTimers.Watch, _watchInterval);
            }
        }
    }

    /// <summary>Reads while there is something, but lets others, and timers and signals, in between.</summary>
    private void ReadOn()
    {
        var end = Stopwatch.GetTimestamp() + _turn;
        for (var turns = 0; Read() || Broke(_client) || Broke(_relay); turns++)
        {
            if (turns == TurnsAtOnce || Stopwatch.GetTimestamp() >= end)
            {
                _executor.GoOnLater(Work.Input);
                return;
            }
        }
    }

    /// <summary>One read of each leg, the client's first.</summary>
    /// <returns>Whether there may be more.</returns>
    private bool Read()
    {
        var fromClient = Deliver(_client, _relay);
        if (_relay is not { } relay)
        {
            return fromClient;
        }

        if (!fromClient && MayRead(_client, relay) && _client.In.HasOctets)
        {
            return false; // they are older than what the relay says, and on their way here
        }

        return Deliver(relay, _client) || fromClient;
    }

    private static bool MayRead(PortableLeg leg, PortableLeg? other)
    {
        var unsent = other is { IsLive: true } ? other.Out.Unsent : 0;
        if (!leg.IsLive || leg.IsPaused || leg.HasEnded || unsent > UnsentBound || leg.Out.IsFull)
        {
            return false;
        }

        return leg.Splice > 0 ? other is not null && unsent == 0 : !leg.SpliceIsSettling || unsent == 0;
    }

    /// <summary>Tells what one read of a leg yields, if it may be read now.</summary>
    private bool Deliver(PortableLeg leg, PortableLeg? other)
    {
        if (!MayRead(leg, other) || !leg.In.TryRead(out var octets, out var end))
        {
            return false;
        }

        if (end is { } how)
        {
            Ended(leg, leg.Out.IsBroken ? EndKind.Reset : how);
            return true;
        }

        Now = leg.In.ArrivedAt;
        var span = octets.FirstSpan;
        span = span[..Math.Min(span.Length, leg.Portion.Octets)];
        var unseen = leg.Splice > 0;
        leg.SpliceIsSettling = unseen;
        if (unseen)
        {
            span = span[..(int)Math.Min(leg.Splice, span.Length)];
            leg.Splice -= leg.Splice == long.MaxValue ? 0 : span.Length;
        }

        try
        {
            var before = Stopwatch.GetTimestamp();
            Show(leg.Leg, span, unseen);
            leg.Portion.Took(span.Length, Stopwatch.GetTimestamp() - before);
        }
        finally
        {
            leg.In.Advance(octets.GetPosition(span.Length), span.Length);
        }

        return true;
    }

    private void Show(Leg from, ReadOnlySpan<byte> octets, bool unseen)
    {
        if (unseen)
        {
            Send(from.Other(), octets);
            _handler.Spliced(from, octets.Length);
        }
        else
        {
            _handler.Received(from, octets);
        }
    }

    private void Ended(PortableLeg leg, EndKind how)
    {
        if (how == EndKind.Reset)
        {
            leg.Reset();
            _handler.Ended(leg.Leg, EndKind.Reset);
            return;
        }

        leg.HasEnded = true;
        leg.Splice = 0;
        _timers.Set(PairTimers.Watch, _watchInterval);
        _handler.Ended(leg.Leg, EndKind.Fin);
        leg.CloseIfOver();
    }

    /// <summary>Tells of a reset that no read would show.</summary>
    private bool Broke(PortableLeg? leg)
    {
        if (leg is not { IsLive: true, IsGone: true })
        {
            return false;
        }

        Ended(leg, EndKind.Reset);
        return true;
    }

    private bool IsOver => !_client.IsLive && _relay is not { IsLive: true } && _dial is null;

    private void Drop()
    {
        _client.Reset();
        Reset(Leg.Relay);
    }

    private void CloseIfOver()
    {
        if (!IsOver || _isClosed)
        {
            return;
        }

        _isClosed = true;
        _timers.Stop();
        try
        {
            _handler.Closed();
        }
        catch (Exception e)
        {
            TransportLog.HandlerFailed(_log, e, Id);
        }

        _closed(this);
    }
}
