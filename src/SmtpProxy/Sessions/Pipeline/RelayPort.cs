using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Sessions.Pipeline;

/// <summary>The relay's end of a pipeline: its connection.</summary>
internal sealed class RelayPort(SessionContext context) : SessionFilter
{
    public override int Unsent => context.Pair.Unsent(Leg.Relay);

    public override bool IsClear => true;

    public override void Dial(in RelayTarget target)
    {
        context.Flow.Renew(Leg.Relay);
        context.Pair.Dial(target.Connection);
    }

    public override void FromClient(ReadOnlySpan<byte> octets)
    {
        context.Pair.Send(Leg.Relay, octets);
        context.Telemetry.Transmitted(Leg.Relay, octets.Length);
    }

    public override void ShutRelay() => context.Pair.Shut(Leg.Relay);

    public override void ResetRelay() => context.Pair.Reset(Leg.Relay);

    public override void Splice(Leg from, long octets) => context.Pair.Splice(from, octets);

    /// <summary>Octets of the relay.</summary>
    public void Received(ReadOnlySpan<byte> octets)
    {
        context.Telemetry.Received(Leg.Relay, octets.Length);
        if (context.FirstLine.Keeps(octets))
        {
            return;
        }

        ReleaseFirst();
        Inward.FromRelay(octets, Origin.Relay);
    }

    /// <summary>What was kept of the relay's first line goes on: its end is not waited for any more.</summary>
    public void ReleaseFirst()
    {
        if (context.FirstLine.End() is { Length: > 0 } kept)
        {
            Inward.FromRelay(kept, Origin.Relay);
        }
    }

    /// <summary>The relay's connection ended.</summary>
    public void Ended(EndKind how) => Inward.RelayEnded(how);

    /// <summary>What came of a dial.</summary>
    public void Answered(in DialResult result) => Inward.Dialled(new DialNote(result));
}
