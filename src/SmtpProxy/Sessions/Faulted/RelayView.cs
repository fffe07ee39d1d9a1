using System.Text;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>The dialogue as the relay has it: only what was really sent to it. Cuts its octets into replies and tells which are whole.</summary>
internal sealed class RelayView : IDialogueObserver
{
    private readonly Dialogue _dialogue;
    private int _answered = -1;

    public RelayView(DialogueProtocol? joined)
    {
        _dialogue = new Dialogue(this, DialogueLimits.Default);
        if (joined is { } protocol)
        {
            _dialogue.Join(protocol);
        }
        else
        {
            _dialogue.Start();
        }
    }

    /// <summary>It is another relay, and greets.</summary>
    public void Renew()
    {
        _answered = -1;
        _dialogue.Reset(this);
        _dialogue.Start();
    }

    /// <summary>The connection is over.</summary>
    public void Over() => _dialogue.Drop();

    /// <summary>A reply became whole with the octets that were shown last.</summary>
    public bool HasReplied { get; private set; }

    /// <summary>It answers nothing that was asked.</summary>
    public bool IsUnsolicited { get; private set; }

    /// <summary>It answers the message before its end.</summary>
    public bool IsEarlyVerdict { get; private set; }

    /// <summary>More replies to the same come (LMTP, PRDR).</summary>
    public bool MoreFollow => _dialogue.Outstanding > 0 && _dialogue.Oldest.Index == _answered && _dialogue.Oldest.Verb is Verb.EndOfData or Verb.Bdat;

    /// <summary>Its code.</summary>
    public int Code { get; private set; }

    /// <summary>The queue id in it; null: none.</summary>
    public string? Queued { get; private set; }

    /// <summary>A transaction is open at the relay.</summary>
    public bool InTransaction => _dialogue.InTransaction;

    /// <summary>The relay's octets are read no more: encrypted, or out of step.</summary>
    public bool IsOpaque => _dialogue.Opaque != OpaqueReason.None;

    /// <summary>TLS is established.</summary>
    public void Secured() => _dialogue.Secured();

    /// <summary>Octets that went to the relay.</summary>
    public void Sent(ReadOnlySpan<byte> octets) => _dialogue.FromClient(octets);

    /// <summary>Octets that came, up to the end of a reply.</summary>
    /// <returns>How many belong to it.</returns>
    public int Came(ReadOnlySpan<byte> octets)
    {
        HasReplied = IsUnsolicited = IsEarlyVerdict = false;
        return _dialogue.FromRelay(octets, StopAt.Element);
    }

    void IDialogueObserver.Answered(ref Exchange exchange, in Reply reply)
    {
        Replied(exchange, reply);
        IsEarlyVerdict = exchange.Verb == Verb.EndOfData && _dialogue.ClientPhase == ClientPhase.Data;
    }

    void IDialogueObserver.Continued(ref Exchange exchange, in Reply reply) => Replied(exchange, reply);

    void IDialogueObserver.Unsolicited(in Reply reply)
    {
        (HasReplied, IsUnsolicited, Code, Queued) = (true, true, reply.Code, null);
        _answered = -1;
    }

    private void Replied(in Exchange exchange, in Reply reply)
    {
        (HasReplied, Code, _answered) = (true, reply.Code, exchange.Index);
        var id = exchange.Verb is Verb.EndOfData or Verb.Bdat ? QueueId.Find(reply.Text) : default;
        Queued = id.IsEmpty ? null : Encoding.ASCII.GetString(id);
    }
}
