using System.Net;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport;

/// <summary>Stands between a pair and its handler and hands everything on, both ways; what derives from it changes what it is there for.</summary>
internal abstract class PassingPair : IPair, IPairHandler
{
    /// <summary>The pair below; there from <see cref="Accepted"/> on.</summary>
    protected IPair Pair { get; private set; } = null!;

    /// <summary>The handler above.</summary>
    protected abstract IPairHandler Handler { get; }

    public long Id => Pair.Id;

    public virtual EndPoint Client => Pair.Client;

    public virtual EndPoint Local => Pair.Local;

    public long Now => Pair.Now;

    public long Clock() => Pair.Clock();

    public virtual void Dial(in DialTarget target) => Pair.Dial(target);

    public virtual void Send(Leg to, ReadOnlySpan<byte> octets) => Pair.Send(to, octets);

    public virtual int Unsent(Leg to) => Pair.Unsent(to);

    public virtual void Shut(Leg leg) => Pair.Shut(leg);

    public virtual void Reset(Leg leg) => Pair.Reset(leg);

    public virtual void Pause(Leg from) => Pair.Pause(from);

    public virtual void Resume(Leg from) => Pair.Resume(from);

    public virtual void SetTimer(PairTimer timer, TimeSpan after) => Pair.SetTimer(timer, after);

    public virtual void CancelTimer(PairTimer timer) => Pair.CancelTimer(timer);

    public virtual void Splice(Leg from, long octets) => Pair.Splice(from, octets);

    public virtual void Secure(Leg leg, TlsShake shake, TimeSpan patience) => Pair.Secure(leg, shake, patience);

    public void Signal(int what) => Pair.Signal(what);

    public virtual void Accepted(IPair pair)
    {
        Pair = pair;
        Handler.Accepted(this);
    }

    public virtual void Dialled(in DialResult result) => Handler.Dialled(result);

    public virtual void Received(Leg from, ReadOnlySpan<byte> octets) => Handler.Received(from, octets);

    public virtual void Spliced(Leg from, long octets) => Handler.Spliced(from, octets);

    public virtual void Ended(Leg from, EndKind how) => Handler.Ended(from, how);

    public virtual void Drained(Leg to) => Handler.Drained(to);

    public virtual void TimedOut(PairTimer timer) => Handler.TimedOut(timer);

    public virtual void Signalled(int what) => Handler.Signalled(what);

    public virtual void Secured(in TlsHandshake handshake) => Handler.Secured(handshake);

    public virtual void Closed() => Handler.Closed();

    /// <summary>Takes the pair without telling the handler yet.</summary>
    protected void Keep(IPair pair) => Pair = pair;
}
