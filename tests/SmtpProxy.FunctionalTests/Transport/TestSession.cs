using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>A session that mirrors octets and ends, records what it is told, and lets a test replace what it does. It notes every breach
/// of the contract: calls at the same time, before Accepted, or after Closed.</summary>
internal sealed class TestSession(EndPoint relay) : IPairHandler
{
    private readonly List<string> _breaches = [];
    private readonly long[] _received = new long[2];
    private int _inside;
    private bool _accepted;
    private bool _closed;

    public delegate void Receiver(Leg from, ReadOnlySpan<byte> octets);

    public EventLog Log { get; } = new();

    public IPair Pair { get; private set; } = null!;

    public DialTarget Target { get; set; } = new(relay, TimeSpan.FromSeconds(20));

    /// <summary>Instead of pausing the client and dialling.</summary>
    public Action? OnAccepted { get; set; }

    /// <summary>Instead of reading the client on, or shutting it when the dial failed.</summary>
    public Action<DialResult>? OnDialled { get; set; }

    /// <summary>Instead of mirroring.</summary>
    public Receiver? OnReceived { get; set; }

    /// <summary>Instead of mirroring the end.</summary>
    public Action<Leg, EndKind>? OnEnded { get; set; }

    public Action<int>? OnSignalled { get; set; }

    public Action<PairTimer>? OnTimedOut { get; set; }

    public Action<Leg>? OnDrained { get; set; }

    public Action? OnSpliced { get; set; }

    public DialResult Dial { get; private set; }

    public int MostUnsent { get; private set; }

    public long SplicedOctets { get; private set; }

    public IReadOnlyList<string> Breaches => _breaches;

    public long ReceivedFrom(Leg leg) => _received[(int)leg];

    public void Accepted(IPair pair) => Enter("Accepted", () =>
    {
        Pair = pair;
        _accepted = true;
        if (OnAccepted is not null)
        {
            OnAccepted();
        }
        else
        {
            pair.Pause(Leg.Client);
            pair.Dial(Target);
        }
    });

    public void Dialled(in DialResult result)
    {
        var copy = Dial = result;
        Enter($"Dialled {result.Outcome}", () =>
        {
            if (OnDialled is not null)
            {
                OnDialled(copy);
            }
            else if (copy.Outcome == DialOutcome.Connected)
            {
                Pair.Resume(Leg.Client);
            }
            else
            {
                Pair.Shut(Leg.Client);
                Pair.Resume(Leg.Client);
            }
        });
    }

    public void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        Begin();
        try
        {
            _received[(int)from] += octets.Length;
            Log.Add($"Received {from}");
            if (OnReceived is not null)
            {
                OnReceived(from, octets);
            }
            else
            {
                Mirror(from, octets);
            }
        }
        finally
        {
            _inside = 0;
        }
    }

    public void Spliced(Leg from, long octets) => Enter($"Spliced {from}", () =>
    {
        SplicedOctets += octets;
        OnSpliced?.Invoke();
    });

    public void Ended(Leg from, EndKind how) => Enter($"Ended {from} {how}", () =>
    {
        if (OnEnded is not null)
        {
            OnEnded(from, how);
        }
        else if (how == EndKind.Fin)
        {
            Pair.Shut(from.Other());
        }
        else
        {
            Pair.Reset(from.Other());
        }
    });

    public void Drained(Leg to) => Enter($"Drained {to}", () =>
    {
        if (Pair.Unsent(to) > 0)
        {
            _breaches.Add($"Drained although {Pair.Unsent(to)} octets are unsent");
        }

        if (OnDrained is not null)
        {
            OnDrained(to);
        }
        else
        {
            Pair.Resume(to.Other());
        }
    });

    public void TimedOut(PairTimer timer) => Enter($"TimedOut {timer}", () => OnTimedOut?.Invoke(timer));

    public void Signalled(int what) => Enter($"Signalled {what}", () => OnSignalled?.Invoke(what));

    public void Closed() => Enter("Closed", () => _closed = true);

    public void Mirror(Leg from, ReadOnlySpan<byte> octets)
    {
        Pair.Send(from.Other(), octets);
        var unsent = Pair.Unsent(from.Other());
        MostUnsent = Math.Max(MostUnsent, unsent);
        if (unsent > 0)
        {
            Pair.Pause(from);
            Log.Add($"Blocked {from.Other()}");
        }
    }

    /// <summary>Asks for a signal and waits until it was told: whatever the loop did before is done.</summary>
    public Task Signal(int what)
    {
        Pair.Signal(what);
        return Log.Saw($"Signalled {what}");
    }

    private void Enter(string what, Action body)
    {
        Begin();
        try
        {
            if (what != "Accepted" && !_accepted)
            {
                _breaches.Add($"{what} before Accepted");
            }

            body();
        }
        finally
        {
            _inside = 0;
            Log.Add(what);
        }
    }

    private void Begin()
    {
        if (Interlocked.Exchange(ref _inside, 1) != 0)
        {
            _breaches.Add("two calls at the same time");
        }

        if (_closed)
        {
            _breaches.Add("a call after Closed");
        }
    }
}
