using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Tests.Fuzzing;

/// <summary>One number of all facts of a dialogue: the same facts, the same number. Anomalies count without order: which of a message is
/// found first depends on the cut, and means nothing.</summary>
internal sealed class FactsHash : IDialogueObserver
{
    private const ulong Prime = 1_099_511_628_211;
    private ulong _facts = 14_695_981_039_346_656_037;
    private ulong _anomalies;

    public ulong Value => _facts ^ (_anomalies * Prime);

    public void Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments)
    {
        Tell(1, exchange.Index, (int)exchange.Verb, exchange.Size, exchange.Last ? 1 : 0, exchange.Pipelined ? 1 : 0);
        Tell(verb);
        Tell(arguments);
    }

    public void Revealed(ref Exchange exchange, ReadOnlySpan<byte> arguments)
    {
        Tell(2, exchange.Index);
        Tell(arguments);
    }

    public void CapabilityLine(ref Exchange exchange, ReadOnlySpan<byte> text)
    {
        Tell(3, exchange.Index);
        Tell(text);
    }

    public void Continued(ref Exchange exchange, in Reply reply) => Tell(4, exchange.Index, reply.Code, exchange.Challenges);

    public void Responded(ref Exchange exchange) => Tell(5, exchange.Index);

    public void BodyEnded(ref Exchange endOfData, long wireOctets, long messageOctets) =>
        Tell(6, endOfData.Index, wireOctets, messageOctets);

    public void ChunkEnded(ref Exchange bdat) => Tell(7, bdat.Index, bdat.Size);

    public void Answered(ref Exchange exchange, in Reply reply)
    {
        Tell(8, exchange.Index, exchange.Part, reply.Code, reply.Lines, exchange.RecipientIndex);
        Tell(reply.Text);
    }

    public void Unanswered(ref Exchange exchange) => Tell(9, exchange.Index, exchange.Part);

    public void Withdrawn(ref Exchange endOfData) => Tell(10, endOfData.Index);

    public void Unsolicited(in Reply reply) => Tell(11, reply.Code);

    public void TransactionOpened(in Transaction transaction) => Tell(12, transaction.MailIndex);

    public void TransactionEnded(in Transaction transaction) => Tell(
        13, (int)transaction.Via, transaction.Accepted, transaction.Rejected, transaction.WireOctets, transaction.MessageOctets,
        transaction.FinalCode, (int)transaction.Outcome);

    public void Anomalous(Anomaly anomaly, Leg leg, long octet) =>
        _anomalies += ((ulong)octet + 1) * Prime * (((ulong)anomaly * 2) + (ulong)leg + 1);

    public void BecameOpaque(OpaqueReason reason, Leg leg, long octet) => Tell(14, (int)reason, (int)leg, octet);

    public void TrackedAgain() => Tell(15);

    private void Tell(params ReadOnlySpan<long> numbers)
    {
        foreach (var number in numbers)
        {
            _facts = (_facts ^ (ulong)number) * Prime;
        }
    }

    private void Tell(ReadOnlySpan<byte> text)
    {
        foreach (var octet in text)
        {
            _facts = (_facts ^ octet) * Prime;
        }

        _facts = (_facts ^ 256) * Prime;
    }
}
