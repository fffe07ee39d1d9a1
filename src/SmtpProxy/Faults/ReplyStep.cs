using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Faults;

/// <summary>One step of what happens to the client in a reply's slot: in the place that the reply has in the pipeline,
/// after all earlier replies.</summary>
public abstract record ReplyStep
{
    private ReplyStep()
    {
    }

    /// <summary>Octets for the client, as they are.</summary>
    /// <param name="Octets">What is written.</param>
    public sealed record Say(ReadOnlyMemory<byte> Octets) : ReplyStep;

    /// <summary>Nothing for a time; what follows waits.</summary>
    /// <param name="For">How long.</param>
    public sealed record Pause(TimeSpan For) : ReplyStep;

    /// <summary>Nothing more to that side: for a time, or (null) until the peer closes. What follows is for after that time.</summary>
    /// <param name="For">How long; null: until the peer closes.</param>
    /// <param name="Only">Whose octets stop; null: both sides'.</param>
    /// <param name="StopReading">Whether the proxy stops reading from that side as well, so that its TCP window closes.</param>
    public sealed record Stall(TimeSpan? For, Leg? Only, bool StopReading) : ReplyStep;

    /// <summary>Ends connections; later steps are not carried out. When only the relay's ends, the client goes
    /// on with the local tail.</summary>
    /// <param name="How">FIN or RST.</param>
    /// <param name="Only">Which; null: both.</param>
    public sealed record End(EndKind How, Leg? Only = null) : ReplyStep;
}
