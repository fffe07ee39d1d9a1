using System.Net;
using SmtpProxy.Protocol;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry;

/// <summary>Records one session: metrics as they happen, attribution of every moment, and the journal's line at the end. Used on the
/// session's loop only. All times are <see cref="System.Diagnostics.Stopwatch"/> ticks.</summary>
public sealed class SessionTelemetry : IDialogueObserver
{
    /// <summary>Who is speaking while the dialogue is fed; <see cref="Origin.Relay"/> unless the session says otherwise.</summary>
    public Origin Origin { get; set; }

    /// <summary>The session begins: the client's connection was accepted.</summary>
    public void Accepted(EndPoint client, EndPoint local, long at) => throw new NotImplementedException();

    /// <summary>A relay is being dialled; called again for each fail-over.</summary>
    public void Dialling(string destination, long at) => throw new NotImplementedException();

    /// <summary>What came of it.</summary>
    public void Dialled(in DialResult result, long at) => throw new NotImplementedException();

    /// <summary>Octets of a leg were read at this time, and the dialogue is about to be shown them: from here until
    /// <see cref="Settled"/> the moment belongs to the proxy.</summary>
    public void Read(Leg from, int octets, long at) => throw new NotImplementedException();

    /// <summary>What was read has been handed to the kernel (or waits for <paramref name="blocked"/>, which does not take it):
    /// whose moment it is from here follows the dialogue's <see cref="Dialogue.Turn"/>.</summary>
    public void Settled(Dialogue dialogue, Leg? blocked, long at) => throw new NotImplementedException();

    /// <summary>Octets passed without being looked at.</summary>
    public void Spliced(Leg from, long octets, long at) => throw new NotImplementedException();

    /// <summary>Octets that we wrote ourselves to a leg (local replies), not read from the other.</summary>
    public void WroteOwn(Leg to, int octets) => throw new NotImplementedException();

    /// <summary>The session is over; the dialogue has been finished. Publishes the session's metrics and its journal line.</summary>
    public void Over(Dialogue dialogue, SessionOutcome outcome, long at) => throw new NotImplementedException();

    void IDialogueObserver.Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments) => throw new NotImplementedException();

    void IDialogueObserver.CapabilityLine(ref Exchange exchange, ReadOnlySpan<byte> text) => throw new NotImplementedException();

    void IDialogueObserver.Continued(ref Exchange exchange, in Reply reply) => throw new NotImplementedException();

    void IDialogueObserver.Responded(ref Exchange exchange) => throw new NotImplementedException();

    void IDialogueObserver.BodyEnded(ref Exchange endOfData, long wireOctets, long messageOctets) => throw new NotImplementedException();

    void IDialogueObserver.ChunkEnded(ref Exchange bdat) => throw new NotImplementedException();

    void IDialogueObserver.Answered(ref Exchange exchange, in Reply reply) => throw new NotImplementedException();

    void IDialogueObserver.Unanswered(ref Exchange exchange) => throw new NotImplementedException();

    void IDialogueObserver.Unsolicited(in Reply reply) => throw new NotImplementedException();

    void IDialogueObserver.TransactionOpened(in Transaction transaction) => throw new NotImplementedException();

    void IDialogueObserver.TransactionEnded(in Transaction transaction) => throw new NotImplementedException();

    void IDialogueObserver.Anomalous(Anomaly anomaly, Party party, long octet) => throw new NotImplementedException();

    void IDialogueObserver.BecameOpaque(OpaqueReason reason, Party party, long octet) => throw new NotImplementedException();
}
