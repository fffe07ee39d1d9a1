using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport.Epoll;

/// <summary>A session without a relay that answers with what it hears, and ends when its client does.</summary>
internal class Handler : IPairHandler
{
    protected IPair Pair { get; private set; } = null!;

    public virtual void Accepted(IPair pair) => Pair = pair;

    public virtual void Dialled(in DialResult result)
    {
    }

    public virtual void Received(Leg from, ReadOnlySpan<byte> octets) => Pair.Send(from, octets);

    public void Spliced(Leg from, long octets)
    {
    }

    public void Ended(Leg from, EndKind how) => Pair.Shut(from);

    public void Drained(Leg to)
    {
    }

    public void TimedOut(PairTimer timer)
    {
    }

    public virtual void Signalled(int what)
    {
    }

    public virtual void Closed()
    {
    }
}
