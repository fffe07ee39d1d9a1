using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Simulation;

/// <summary>The plainest relay: dials at once, passes octets and ends on unchanged, pauses who sends faster than the other takes.</summary>
internal class MirrorHandler : IPairHandler
{
    protected static readonly DialTarget Target = new(new IPEndPoint(IPAddress.Loopback, 25), TimeSpan.FromSeconds(30));

    public List<string> Calls { get; } = [];

    protected IPair Pair { get; private set; } = null!;

    public virtual void Accepted(IPair pair)
    {
        Calls.Add("Accepted");
        Pair = pair;
        pair.Pause(Leg.Client);
        pair.Dial(Target);
    }

    public virtual void Dialled(in DialResult result)
    {
        Calls.Add($"Dialled {result.Outcome}");
        if (result.Outcome == DialOutcome.Connected)
        {
            Pair.Resume(Leg.Client);
        }
        else
        {
            Pair.Reset(Leg.Client);
        }
    }

    public virtual void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        Calls.Add($"Received {from} {octets.Length}");
        Pair.Send(from.Other(), octets);
        if (Pair.Unsent(from.Other()) > 0)
        {
            Pair.Pause(from);
        }
    }

    public virtual void Spliced(Leg from, long octets) => Calls.Add($"Spliced {from} {octets}");

    public virtual void Ended(Leg from, EndKind how)
    {
        Calls.Add($"Ended {from} {how}");
        if (how == EndKind.Fin)
        {
            Pair.Shut(from.Other());
        }
        else
        {
            Pair.Reset(from.Other());
        }
    }

    public virtual void Drained(Leg to)
    {
        Calls.Add($"Drained {to}");
        Pair.Resume(to.Other());
    }

    public virtual void TimedOut(PairTimer timer) => Calls.Add($"TimedOut {timer}");

    public virtual void Signalled(int what) => Calls.Add($"Signalled {what}");

    public virtual void Closed() => Calls.Add("Closed");
}
