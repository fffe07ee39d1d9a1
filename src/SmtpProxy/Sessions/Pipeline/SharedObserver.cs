using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Sessions.Pipeline;

#pragma warning disable CA1031 // Law 2: no failure of the record may reach the session.

/// <summary>Lets two parties listen to one dialogue: who decides something by it, and the session's record. When recording fails, that ends
/// with it, and neither the dialogue nor who decides by it notices (law 2).</summary>
/// <param name="recorder">Records.</param>
/// <param name="tracker">Hears that recording failed, once.</param>
internal sealed class SharedObserver(IDialogueObserver recorder, DialogueTracker tracker) : IDialogueObserver
{
    private IDialogueObserver? _recorder = recorder;

    /// <summary>Who decides by what it hears; null: nobody.</summary>
    public IDialogueObserver? Reader { get; set; }

    bool IDialogueObserver.ReadsMessage => _recorder is { ReadsMessage: true };

    void IDialogueObserver.Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments)
    {
        Reader?.Opened(ref exchange, verb, arguments);
        try
        {
            _recorder?.Opened(ref exchange, verb, arguments);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.Revealed(ref Exchange exchange, ReadOnlySpan<byte> arguments)
    {
        try
        {
            _recorder?.Revealed(ref exchange, arguments);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.CapabilityLine(ref Exchange exchange, ReadOnlySpan<byte> text)
    {
        Reader?.CapabilityLine(ref exchange, text);
        try
        {
            _recorder?.CapabilityLine(ref exchange, text);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.RefusalLine(ref Exchange exchange, ReadOnlySpan<byte> text)
    {
        try
        {
            _recorder?.RefusalLine(ref exchange, text);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.Continued(ref Exchange exchange, in Reply reply)
    {
        try
        {
            _recorder?.Continued(ref exchange, reply);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.Responded(ref Exchange exchange)
    {
        Reader?.Responded(ref exchange);
        try
        {
            _recorder?.Responded(ref exchange);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.Message(ReadOnlySpan<byte> octets)
    {
        try
        {
            _recorder?.Message(octets);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.BodyEnded(ref Exchange endOfData, long wireOctets, long messageOctets)
    {
        Reader?.BodyEnded(ref endOfData, wireOctets, messageOctets);
        try
        {
            _recorder?.BodyEnded(ref endOfData, wireOctets, messageOctets);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.ChunkEnded(ref Exchange bdat)
    {
        try
        {
            _recorder?.ChunkEnded(ref bdat);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.Answered(ref Exchange exchange, in Reply reply)
    {
        Reader?.Answered(ref exchange, reply);
        try
        {
            _recorder?.Answered(ref exchange, reply);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.Unanswered(ref Exchange exchange)
    {
        try
        {
            _recorder?.Unanswered(ref exchange);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.Withdrawn(ref Exchange endOfData)
    {
        try
        {
            _recorder?.Withdrawn(ref endOfData);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.Unsolicited(in Reply reply)
    {
        try
        {
            _recorder?.Unsolicited(reply);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.TransactionOpened(in Transaction transaction)
    {
        try
        {
            _recorder?.TransactionOpened(transaction);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.TransactionEnded(in Transaction transaction)
    {
        Reader?.TransactionEnded(transaction);
        try
        {
            _recorder?.TransactionEnded(transaction);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.Anomalous(Anomaly anomaly, Leg leg, long octet)
    {
        try
        {
            _recorder?.Anomalous(anomaly, leg, octet);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.BecameOpaque(OpaqueReason reason, Leg leg, long octet)
    {
        Reader?.BecameOpaque(reason, leg, octet);
        try
        {
            _recorder?.BecameOpaque(reason, leg, octet);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    void IDialogueObserver.TrackedAgain()
    {
        Reader?.TrackedAgain();
        try
        {
            _recorder?.TrackedAgain();
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    private void Lose(Exception e)
    {
        _recorder = null;
        tracker.RecordFailed(e);
    }
}
