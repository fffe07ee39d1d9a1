using System.Text;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Tests.Sessions.Pipeline;

/// <summary>Writes down every fact of a dialogue, and what comes with it.</summary>
/// <param name="failsAt">The fact, from 0, at which it throws instead; -1: none.</param>
internal sealed class FactProbe(int failsAt = -1) : IDialogueObserver
{
    /// <summary>What it heard, in order.</summary>
    public List<string> Heard { get; } = [];

    public bool ReadsMessage => true;

    public void Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments) =>
        Note($"{nameof(Opened)} {exchange.Index} {Text(verb)} {Text(arguments)}");

    public void Revealed(ref Exchange exchange, ReadOnlySpan<byte> arguments) =>
        Note($"{nameof(Revealed)} {exchange.Index} {Text(arguments)}");

    public void CapabilityLine(ref Exchange exchange, ReadOnlySpan<byte> text) =>
        Note($"{nameof(CapabilityLine)} {exchange.Index} {Text(text)}");

    public void RefusalLine(ref Exchange exchange, ReadOnlySpan<byte> text) =>
        Note($"{nameof(RefusalLine)} {exchange.Index} {Text(text)}");

    public void Continued(ref Exchange exchange, in Reply reply) => Note($"{nameof(Continued)} {exchange.Index} {reply.Code}");

    public void Responded(ref Exchange exchange) => Note($"{nameof(Responded)} {exchange.Index}");

    public void Message(ReadOnlySpan<byte> octets) => Note($"{nameof(Message)} {Text(octets)}");

    public void BodyEnded(ref Exchange endOfData, long wireOctets, long messageOctets) =>
        Note($"{nameof(BodyEnded)} {endOfData.Index} {wireOctets} {messageOctets}");

    public void ChunkEnded(ref Exchange bdat) => Note($"{nameof(ChunkEnded)} {bdat.Index}");

    public void Answered(ref Exchange exchange, in Reply reply) => Note($"{nameof(Answered)} {exchange.Index} {reply.Code}");

    public void Unanswered(ref Exchange exchange) => Note($"{nameof(Unanswered)} {exchange.Index}");

    public void Withdrawn(ref Exchange endOfData) => Note($"{nameof(Withdrawn)} {endOfData.Index}");

    public void Unsolicited(in Reply reply) => Note($"{nameof(Unsolicited)} {reply.Code}");

    public void TransactionOpened(in Transaction transaction) => Note($"{nameof(TransactionOpened)} {transaction.MailIndex}");

    public void TransactionEnded(in Transaction transaction) => Note($"{nameof(TransactionEnded)} {transaction.MailIndex}");

    public void Anomalous(Anomaly anomaly, Leg leg, long octet) => Note($"{nameof(Anomalous)} {anomaly} {leg} {octet}");

    public void BecameOpaque(OpaqueReason reason, Leg leg, long octet) => Note($"{nameof(BecameOpaque)} {reason} {leg} {octet}");

    public void TrackedAgain() => Note(nameof(TrackedAgain));

    private static string Text(ReadOnlySpan<byte> octets) => Encoding.Latin1.GetString(octets);

    private void Note(string fact)
    {
        if (Heard.Count == failsAt)
        {
            throw new InvalidOperationException("the record fails at: " + fact);
        }

        Heard.Add(fact);
    }
}
