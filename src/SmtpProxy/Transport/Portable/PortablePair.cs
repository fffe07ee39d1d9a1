using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport.Portable;

/// <summary>A pair on <see cref="Socket"/> and pipes. What the session may ask for is here, what it is told in
/// <c>PortablePair.Events.cs</c>; both run on the pair's executor.</summary>
internal sealed partial class PortablePair : IPair
{
    private static readonly TimeSpan _watchInterval = TimeSpan.FromSeconds(1);
    private readonly IPairHandler _handler;
    private readonly Action<PortablePair> _closed;
    private readonly ILogger _log;
    private readonly SerialExecutor _executor;
    private readonly PairTimers _timers;
    private readonly SignalBox _signals = new();
    private readonly PortableLeg _client;
    private PortableLeg? _relay;
    private DialAttempt? _dial;
    private ReadOnlyMemory<byte> _preamble;
    private volatile bool _isClosed;

    public PortablePair(Socket client, in Arrival arrival, IPairHandler handler, Action<PortablePair> closed, ILogger log)
    {
        _handler = handler;
        _closed = closed;
        _log = log;
        (Client, Local) = (arrival.Client, arrival.Local);
        _executor = new SerialExecutor(Handle);
        _timers = new PairTimers(() => _executor.Wake(Work.Timer));
        _client = new PortableLeg(Leg.Client, client, _executor.Wake);
    }

    public long Id { get; } = PairNumber.Next();

    public EndPoint Client { get; }

    public EndPoint Local { get; }

    public long Now { get; private set; } = Stopwatch.GetTimestamp();

    public long Clock() => Stopwatch.GetTimestamp();

    /// <summary>Tells the handler of the connection and begins to read.</summary>
    public void Start() => _executor.Post(Work.Accept);

    /// <summary>RST to both peers; from any thread.</summary>
    public void Abort() => _executor.Post(Work.Dispose);

    public void Dial(in DialTarget target)
    {
        if (_dial is not null || _relay is { IsLive: true })
        {
            throw new InvalidOperationException("The relay leg is connected, or being dialled.");
        }

        _preamble = target.Preamble;
        _dial = new DialAttempt(target, () => _executor.Wake(Work.Dial));
        _ = _dial.RunAsync();
    }

    public void Send(Leg to, ReadOnlySpan<byte> octets) => Live(to)?.Out.Send(octets);

    public int Unsent(Leg to) => Live(to)?.Out.Unsent ?? 0;

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

    private PortableLeg? Live(Leg leg) => (leg == Leg.Client ? _client : _relay) is { IsLive: true } live ? live : null;
}
