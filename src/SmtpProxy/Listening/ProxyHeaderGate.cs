using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.Listening;

/// <summary>
/// Takes the PROXY header off a connection of somebody who may send one, before there is a session: the session sees the client's true address and none of the header. What a
/// client sent right behind it waits until the session reads.
/// </summary>
internal sealed class ProxyHeaderGate(ProxyHeaderRules rules, Func<Arrival, IPairHandler?> open) : PassingPair
{
    private readonly ProxyHeaderReader _reader = new();
    private IPairHandler? _handler;
    private EndPoint? _client;
    private EndPoint? _local;
    private byte[] _held = [];
    private bool _isPaused;

    public override EndPoint Client => _client ?? Pair.Client;

    public override EndPoint Local => _local ?? Pair.Local;

    protected override IPairHandler Handler => _handler!;

    public override void Accepted(IPair pair)
    {
        Keep(pair);
        pair.SetTimer(PairTimer.ClientRead, rules.Timeout);
    }

    public override void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        if (_handler is not null)
        {
            _handler.Received(from, octets);
            return;
        }

        var taken = _reader.Take(octets);
        switch (_reader.State)
        {
            case ProxyHeaderState.Complete:
                (_client, _local) = (_reader.Header.Source, _reader.Header.Destination);
                Begin(octets[taken..]);
                break;
            case ProxyHeaderState.Absent when !rules.IsRequired:
                Begin([.. _reader.Taken, .. octets[taken..]]);
                break;
            case ProxyHeaderState.Absent:
                Refuse("there is none");
                break;
            case ProxyHeaderState.Malformed:
                Refuse(_reader.Problem);
                break;
        }
    }

    public override void TimedOut(PairTimer timer)
    {
        if (_handler is not null)
        {
            _handler.TimedOut(timer);
        }
        else if (rules.IsRequired || _reader.Taken.Length > 0)
        {
            Refuse("it did not come in time");
        }
        else
        {
            Begin([]);
        }
    }

    public override void Ended(Leg from, EndKind how)
    {
        if (_handler is not null)
        {
            _handler.Ended(from, how);
        }
        else if (_reader.Taken.Length > 0)
        {
            Refuse("the connection ended inside it");
        }
        else
        {
            // Somebody looked whether the port is open.
            Pair.Reset(Leg.Client);
        }
    }

    public override void Pause(Leg from)
    {
        _isPaused |= from == Leg.Client;
        base.Pause(from);
    }

    public override void Resume(Leg from)
    {
        _isPaused &= from != Leg.Client;
        if (from == Leg.Client && _held.Length > 0)
        {
            // What is in the kernel came later: it waits until what is held was told.
            Pair.Signal((int)TransportSignal.DeliverHeld);
            return;
        }

        base.Resume(from);
    }

    public override void Signalled(int what)
    {
        if (what != (int)TransportSignal.DeliverHeld)
        {
            _handler?.Signalled(what);
        }
        else if (!_isPaused && _held is { Length: > 0 } held)
        {
            _held = [];
            Pair.Resume(Leg.Client);
            _handler!.Received(Leg.Client, held);
        }
    }

    public override void Closed() => _handler?.Closed();

    private void Begin(ReadOnlySpan<byte> behind)
    {
        Pair.CancelTimer(PairTimer.ClientRead);
        _handler = open(new Arrival(Client, Local, Pair.Now));
        if (_handler is null)
        {
            Pair.Reset(Leg.Client);
            return;
        }

        _held = behind.ToArray();
        if (_held.Length > 0)
        {
            Pair.Pause(Leg.Client);
        }

        _handler.Accepted(this);
        if (_held.Length > 0 && !_isPaused)
        {
            Pair.Signal((int)TransportSignal.DeliverHeld);
        }
    }

    private void Refuse(string why)
    {
        rules.Refused(Pair.Client, Pair.Now, why);
        Pair.CancelTimer(PairTimer.ClientRead);
        Pair.Reset(Leg.Client);
    }
}
