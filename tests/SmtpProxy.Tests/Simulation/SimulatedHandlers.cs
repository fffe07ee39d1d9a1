using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Simulation;

/// <summary>Sets one timer of each fate: two that run out, one that is replaced, one that is cancelled.</summary>
internal sealed class TimerHandler : MirrorHandler
{
    public override void Accepted(IPair pair)
    {
        base.Accepted(pair);
        pair.SetTimer(PairTimer.ClientRead, TimeSpan.FromSeconds(3));
        pair.SetTimer(PairTimer.RelayRead, TimeSpan.FromSeconds(2));
        pair.SetTimer(PairTimer.ClientWrite, TimeSpan.FromSeconds(1));
        pair.CancelTimer(PairTimer.ClientWrite);
        pair.SetTimer(PairTimer.Session, TimeSpan.FromSeconds(1));
        pair.SetTimer(PairTimer.Session, TimeSpan.FromSeconds(60));
    }

    public override void TimedOut(PairTimer timer)
    {
        base.TimedOut(timer);
        if (timer == PairTimer.Session)
        {
            Pair.Reset(Leg.Client);
            Pair.Reset(Leg.Relay);
        }
    }
}

/// <summary>Lets the client's first octets pass unseen.</summary>
internal sealed class SplicingHandler(long octets) : MirrorHandler
{
    private readonly StringBuilder _seen = new();

    public string Seen => _seen.ToString();

    public long SplicedOctets { get; private set; }

    public override void Dialled(in DialResult result)
    {
        Pair.Splice(Leg.Client, octets);
        base.Dialled(result);
    }

    public override void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        _seen.Append(Encoding.Latin1.GetString(octets));
        base.Received(from, octets);
    }

    public override void Spliced(Leg from, long octets)
    {
        base.Spliced(from, octets);
        SplicedOctets += octets;
    }
}

/// <summary>A mirror that does not wait for ever for the direction that is left when the other has ended.</summary>
internal sealed class ImpatientHandler : MirrorHandler
{
    public override void Ended(Leg from, EndKind how)
    {
        base.Ended(from, how);
        Pair.SetTimer(PairTimer.Session, TimeSpan.FromMinutes(5));
    }

    public override void TimedOut(PairTimer timer)
    {
        base.TimedOut(timer);
        Pair.Reset(Leg.Client);
        Pair.Reset(Leg.Relay);
    }
}
