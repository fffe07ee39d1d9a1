using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport.Portable;

/// <summary>A pair on <see cref="Socket"/> and pipes: what the session may ask for, and the reports of everything but octets, which
/// <see cref="PortableReader"/> reads. Both run on the pair's executor.</summary>
internal sealed class PortablePair : IPair
{
    private static readonly TimeSpan _watchInterval = TimeSpan.FromSeconds(1);
    private readonly Action<PortablePair> _closed;
    private readonly ILogger _log;
    private readonly SerialExecutor _executor;
    private readonly PairTimers _timers;
    private readonly Pulse _pulse;
    private readonly SignalBox _signals = new();
    private DialAttempt? _dial;
    private ReadOnlyMemory<byte> _preamble;
    private volatile bool _isClosed;

    public PortablePair(Socket client, in Arrival arrival, IPairHandler handler, Action<PortablePair> closed, Pulse pulse, ILogger log)
    {
        Handler = handler;
        _closed = closed;
        (_pulse, _log) = (pulse, log);
        (Client, Local) = (arrival.Client, arrival.Local);
        _executor = new SerialExecutor(Handle);
        _timers = new PairTimers(() => _executor.Wake(Work.Timer));
        ClientLeg = new PortableLeg(Leg.Client, client, pulse, _executor.Wake);
    }

    public long Id { get; } = PairNumber.Next();

    public EndPoint Client { get; private set; }

    public EndPoint Local { get; private set; }

    public long Now
    {
        get;
        internal set => field = Arrived = value;
    } = Stopwatch.GetTimestamp();

    public long Arrived { get; internal set; } = Stopwatch.GetTimestamp();

    /// <summary>Whom it tells what happens.</summary>
    internal IPairHandler Handler { get; private set; }

    /// <summary>The client's connection.</summary>
    internal PortableLeg ClientLeg { get; }

    /// <summary>The relay's connection; null: none was made yet.</summary>
    internal PortableLeg? RelayLeg { get; private set; }

    /// <summary>Reads of the client since the relay was looked at last.</summary>
    internal int ClientReads { get; set; }

    private bool IsOver => !ClientLeg.IsLive && RelayLeg is not { IsLive: true } && _dial is null;

    public long Clock() => Stopwatch.GetTimestamp();

    /// <summary>Tells the handler of the connection and begins to read.</summary>
    public void Start() => _executor.Post(Work.Accept);

    /// <summary>RST to both peers; from any thread.</summary>
    public void Abort() => _executor.Post(Work.Dispose);

    public void HandOver(IPairHandler next, in Arrival arrival, ReadOnlySpan<byte> unread)
    {
        (Handler, Client, Local) = (next, arrival.Client, arrival.Local);
        ClientLeg.In.PutBack(unread);
        next.Accepted(this);
    }

    public void Dial(in DialTarget target)
    {
        if (_dial is not null || RelayLeg is { IsLive: true })
        {
            throw new InvalidOperationException("The relay leg is connected, or being dialled.");
        }

        _preamble = target.Preamble;
        _dial = new DialAttempt(target, Now, _pulse, () => _executor.Wake(Work.Dial));
        _ = _dial.RunAsync();
    }

    public void Send(Leg to, ReadOnlySpan<byte> octets) => Live(to)?.Out.Send(octets);

    public int Unsent(Leg to) => Live(to)?.Out.Unsent ?? 0;

    public bool? IsConfirmed(Leg to) => Live(to) is { } live ? live.IsConfirmed() : true;

    public void Shut(Leg leg)
    {
        if (Live(leg) is { } live)
        {
            live.Out.Shut();
            live.CloseIfOver();
        }
    }

    public void Reset(Leg leg)
    {
        Live(leg)?.Reset();
        if (leg == Leg.Relay)
        {
            _dial?.GiveUp();
            _dial = null;
        }
    }

    public void Close(Leg leg) => Live(leg)?.Close();

    public void Pause(Leg from)
    {
        if (Live(from) is { } live)
        {
            live.IsPaused = true;
        }
    }

    public void Resume(Leg from)
    {
        if (Live(from) is { } live)
        {
            live.IsPaused = false;
        }
    }

    public void SetTimer(PairTimer timer, TimeSpan after) => _timers.Set((int)timer, after);

    public void CancelTimer(PairTimer timer) => _timers.Cancel((int)timer);

    public void Splice(Leg from, long octets)
    {
        if (Live(from) is { } live)
        {
            live.Splice = octets;
        }
    }

    public void Signal(int what)
    {
        if (!_isClosed)
        {
            _signals.Add(what);
            _executor.Post(Work.Signal);
        }
    }

    /// <summary>Asks in a while whether a connection still stands of which nothing is read any more.</summary>
    internal void WatchEnded() => _timers.Set(PairTimers.Watch, _watchInterval);

    private PortableLeg? Live(Leg leg) => (leg == Leg.Client ? ClientLeg : RelayLeg) is { IsLive: true } live ? live : null;

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
            if (PortableReader.ReadOn(this))
            {
                _executor.GoOnLater(Work.Input);
            }
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
            Arrived = ClientLeg.In.Established(Now);
            Handler.Accepted(this);
            if (ClientLeg.IsLive)
            {
                ClientLeg.BeginReading();
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
            Sent(ClientLeg);
            Sent(RelayLeg);
        }

        if (work.HasFlag(Work.Signal))
        {
            while (_signals.TryTake(out var what))
            {
                Handler.Signalled(what);
            }
        }

        if (work.HasFlag(Work.Timer))
        {
            TimersDue();
        }
    }

    private void Dialled()
    {
        if (_dial is not { } dial || !dial.TryTake(out var result, out var socket, out var isReset))
        {
            return;
        }

        if (socket is not null)
        {
            RelayLeg = new PortableLeg(Leg.Relay, socket, _pulse, _executor.Wake, isReset);
            RelayLeg.BeginReading();
            if (!_preamble.IsEmpty)
            {
                RelayLeg.Out.Send(_preamble.Span);
            }
        }

        _dial = null;
        Handler.Dialled(dial.Timed(result, Now));
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
            Handler.Drained(leg.Leg);
        }

        leg.CloseIfOver();
    }

    private void TimersDue()
    {
        for (var timer = _timers.TakeDue(); timer >= 0 && !IsOver; timer = _timers.TakeDue())
        {
            if (timer == PairTimers.Watch)
            {
                Probe(ClientLeg);
                Probe(RelayLeg);
            }
            else
            {
                Handler.TimedOut((PairTimer)timer);
            }
        }

        _timers.Rearm();
    }

    /// <summary>The reset of a connection whose FIN was read shows only to who writes.</summary>
    private void Probe(PortableLeg? leg)
    {
        if (leg is { IsLive: true, HasEnded: true })
        {
            leg.Out.Probe();
            WatchEnded();
        }
    }

    private void Drop()
    {
        ClientLeg.Reset();
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
            Handler.Closed();
        }
        catch (Exception e)
        {
            TransportLog.HandlerFailed(_log, e, Id);
        }

        _closed(this);
    }
}
