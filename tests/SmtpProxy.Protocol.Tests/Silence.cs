using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests;

/// <summary>An observer that does nothing with what it hears.</summary>
internal sealed class Silence : IDialogueObserver
{
    public void Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments)
    {
    }

    public void CapabilityLine(ref Exchange exchange, ReadOnlySpan<byte> text)
    {
    }

    public void Continued(ref Exchange exchange, in Reply reply)
    {
    }

    public void Responded(ref Exchange exchange)
    {
    }

    public void BodyEnded(ref Exchange endOfData, long wireOctets, long messageOctets)
    {
    }

    public void ChunkEnded(ref Exchange bdat)
    {
    }

    public void Answered(ref Exchange exchange, in Reply reply)
    {
    }

    public void Unanswered(ref Exchange exchange)
    {
    }

    public void Unsolicited(in Reply reply)
    {
    }

    public void TransactionOpened(in Transaction transaction)
    {
    }

    public void TransactionEnded(in Transaction transaction)
    {
    }

    public void Anomalous(Anomaly anomaly, Leg leg, long octet)
    {
    }

    public void BecameOpaque(OpaqueReason reason, Leg leg, long octet)
    {
    }
}
