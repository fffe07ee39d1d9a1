using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.Listening;

/// <summary>
/// Takes the PROXY header off a connection of somebody who may send one, before there is a session. Then it hands the pair over: the
/// session sees the client's true address and none of the header, and what the client sent right after it waits until the session reads.
/// </summary>
internal sealed class ProxyHeaderGate(ProxyHeaderRules rules, Func<Arrival, IPairHandler?> open) : IPairHandler
{
    private readonly ProxyHeaderReader _reader = new();
    private IPair _pair = null!;

    public void Accepted(IPair pair)
    {
        _pair = pair;
        pair.SetTimer(PairTimer.ClientRead, rules.Timeout);
    }

    public void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        var taken = _reader.Take(octets);
        switch (_reader.State)
        {
            case ProxyHeaderState.Complete:
                HandOver(new Arrival(_reader.Header.Source ?? _pair.Client, _reader.Header.Destination ?? _pair.Local, _pair.Now),
                    octets[taken..]);
                break;
            case ProxyHeaderState.Absent when !rules.IsRequired:
                HandOver(new Arrival(_pair.Client, _pair.Local, _pair.Now), [.. _reader.Taken, .. octets[taken..]]);
                break;
            case ProxyHeaderState.Absent:
                Refuse("there is none");
                break;
            case ProxyHeaderState.Malformed:
                Refuse(_reader.Problem);
                break;
        }
    }

    public void TimedOut(PairTimer timer)
    {
        if (rules.IsRequired || _reader.Taken.Length > 0)
        {
            Refuse("it did not come in time");
        }
        else
        {
            HandOver(new Arrival(_pair.Client, _pair.Local, _pair.Now), []);
        }
    }

    public void Ended(Leg from, EndKind how)
    {
        if (_reader.Taken.Length > 0)
        {
            Refuse("the connection ended inside it");
        }
        else
        {
            // Somebody looked whether the port is open.
            _pair.Reset(Leg.Client);
        }
    }

    public void Dialled(in DialResult result)
    {
        // Nobody is dialled before there is a session.
    }

    public void Spliced(Leg from, long octets)
    {
        // Nothing is.
    }

    public void Drained(Leg to)
    {
        // Nothing is sent.
    }

    public void Signalled(int what)
    {
        // Nobody knows of it.
    }

    public void Closed()
    {
        // Nobody was told that there was a connection.
    }

    private void HandOver(in Arrival arrival, ReadOnlySpan<byte> unread)
    {
        _pair.CancelTimer(PairTimer.ClientRead);
        if (open(arrival) is { } session)
        {
            _pair.HandOver(session, arrival, unread);
        }
        else
        {
            _pair.Reset(Leg.Client);
        }
    }

    private void Refuse(string why)
    {
        rules.Refused(_pair.Client, _pair.Now, why);
        _pair.CancelTimer(PairTimer.ClientRead);
        _pair.Reset(Leg.Client);
    }
}
