using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Admitting;

/// <summary>Tells a client that it gets no session, and waits a moment for it to close: what it still sends is dropped, for closing over
/// unread octets would turn our FIN into a reset and lose the reply. Nothing else is held for it.</summary>
internal sealed class RefusedPair(byte[] reply, Action left) : IPairHandler
{
    /// <summary>How long it may take to close after our FIN before the connection is closed without waiting for it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Who sends more than this does not listen.</summary>
    private const int MostOctets = 16 * 1024;

    private IPair _pair = null!;
    private int _heard;

    public void Accepted(IPair pair)
    {
        _pair = pair;
        pair.Send(Leg.Client, reply);
        pair.Shut(Leg.Client);
        pair.SetTimer(PairTimer.Session, Patience);
    }

    public void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        _heard += octets.Length;
        if (_heard > MostOctets)
        {
            _pair.Reset(Leg.Client);
        }
    }

    // It may be there all the same, and late: a program that runs again after a while finds the reply, and not a reset in its place.
    public void TimedOut(PairTimer timer) => _pair.Close(Leg.Client);

    public void Closed() => left();

    public void Dialled(in DialResult result)
    {
        // Nobody is dialled.
    }

    public void Spliced(Leg from, long octets)
    {
        // Nothing is.
    }

    public void Ended(Leg from, EndKind how)
    {
        // Both directions are over, and the pair closes.
    }

    public void Drained(Leg to)
    {
        // Nothing follows.
    }

    public void Signalled(int what)
    {
        // Nobody knows of it.
    }
}
