using System.Text;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Sessions.Pipeline;

/// <summary>
/// The dialogue as the relay has it, from the moment on that faults may tell client and relay different things: what was really sent to it,
/// and what it replied, or the guard in its place. Cuts its octets into replies, and tells what each is.
/// </summary>
internal sealed class RelayDialogue : IDialogueObserver
{
    private readonly Dialogue _dialogue;
    private readonly DialogueTracker _record;
    private int _answered = -1;
    private Origin _origin;

    /// <summary>Creates it.</summary>
    /// <param name="joined">It is joined in its midst, and this is its protocol; null: from the greeting on.</param>
    /// <param name="record">Records what the relay replies.</param>
    public RelayDialogue(DialogueProtocol? joined, DialogueTracker record)
    {
        _record = record;
        _dialogue = new Dialogue(this, DialogueLimits.Default with { OnlyFraming = true });
        if (joined is { } protocol)
        {
            _dialogue.Join(protocol);
        }
        else
        {
            _dialogue.Start();
        }
    }

    /// <summary>The dialogue itself.</summary>
    public Dialogue Dialogue => _dialogue;

    /// <summary>Who reads it on the way, where that is not whoever lets faults strike: the guard, which is nearer to the relay.</summary>
    public IDialogueObserver? Reader { get; set; }

    /// <summary>Somebody else reads it.</summary>
    public bool IsRead => Reader is not null;

    /// <summary>A reply became whole with the octets that were read last.</summary>
    public bool HasReplied { get; private set; }

    /// <summary>Some of a reply has come, or of a line, and the rest has not. Otherwise octets without a reply are
    /// lines that belong to none.</summary>
    public bool IsInsideReply => _dialogue.InsideReply;

    /// <summary>It answers nothing that was asked.</summary>
    public bool IsUnsolicited { get; private set; }

    /// <summary>It is a verdict on a message whose end was not sent yet.</summary>
    public bool IsEarlyVerdict { get; private set; }

    /// <summary>It says only that one reply for each recipient follows (353 of PRDR), and is none of them.</summary>
    public bool IsAnnouncement { get; private set; }

    /// <summary>More replies to the same come (LMTP, PRDR).</summary>
    public bool MoreFollow => _dialogue.Outstanding > 0 && _dialogue.Oldest.Index == _answered
        && _dialogue.Oldest.Verb is Verb.EndOfData or Verb.Bdat or Verb.Burl;

    /// <summary>Its code.</summary>
    public int Code { get; private set; }

    /// <summary>The queue id in it; null: none.</summary>
    public string? Queued { get; private set; }

    /// <summary>Nobody can say what the octets that were read last are: encrypted, or out of step.</summary>
    public bool WasOpaque { get; private set; }

    /// <summary>The same of those that come next.</summary>
    public bool IsOpaque => _dialogue.Opaque != OpaqueReason.None;

    /// <summary>Replies that are owed to what was sent.</summary>
    public int Outstanding => _dialogue.Outstanding;

    /// <summary>A transaction is open at the relay.</summary>
    public bool InTransaction => _dialogue.InTransaction;

    /// <summary>It is another relay, and greets.</summary>
    public void Renew()
    {
        _answered = -1;
        _dialogue.Reset(this);
        _dialogue.Start();
    }

    /// <summary>The connection is over.</summary>
    public void Over() => _dialogue.Drop();

    /// <summary>TLS is established with the client: what follows is in the clear again here.</summary>
    public void Secured() => _dialogue.Secured();

    /// <summary>Reads octets for the relay.</summary>
    public void Sent(ReadOnlySpan<byte> octets) => _dialogue.FromClient(octets);

    /// <summary>Reads octets of the relay up to the end of a reply, or of a line that belongs to none.</summary>
    /// <param name="octets">The octets.</param>
    /// <param name="origin">Whose words they are: the guard may have spoken in the relay's place.</param>
    /// <returns>How many belong to it.</returns>
    public int Heard(ReadOnlySpan<byte> octets, Origin origin)
    {
        _origin = origin;
        HasReplied = IsUnsolicited = IsEarlyVerdict = IsAnnouncement = false;
        WasOpaque = IsOpaque;
        if (WasOpaque)
        {
            return _dialogue.FromRelay(octets, StopAt.Element);
        }

        var length = 0;
        do
        {
            var rest = octets[length..];
            length += _dialogue.FromRelay(rest[..(rest.IndexOf((byte)'\n') is var end and >= 0 ? end + 1 : rest.Length)], StopAt.Element);
        }
        while (length < octets.Length && !HasReplied && IsInsideReply);
        return length;
    }

    void IDialogueObserver.Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments) =>
        Reader?.Opened(ref exchange, verb, arguments);

    void IDialogueObserver.CapabilityLine(ref Exchange exchange, ReadOnlySpan<byte> text) => Reader?.CapabilityLine(ref exchange, text);

    void IDialogueObserver.BecameOpaque(OpaqueReason reason, Leg leg, long octet) => Reader?.BecameOpaque(reason, leg, octet);

    void IDialogueObserver.Answered(ref Exchange exchange, in Reply reply)
    {
        Reader?.Answered(ref exchange, reply);
        Replied(exchange, reply);
        IsEarlyVerdict = exchange.Verb == Verb.EndOfData && _dialogue.ClientPhase == ClientPhase.Data;
    }

    void IDialogueObserver.Continued(ref Exchange exchange, in Reply reply)
    {
        Replied(exchange, reply);
        IsAnnouncement = exchange.Verb is Verb.EndOfData or Verb.Bdat or Verb.Burl;
    }

    void IDialogueObserver.Unsolicited(in Reply reply)
    {
        (HasReplied, IsUnsolicited, Code, Queued) = (true, true, reply.Code, null);
        Record(Operation.Other, reply);
    }

    private void Replied(in Exchange exchange, in Reply reply)
    {
        (HasReplied, Code, _answered) = (true, reply.Code, exchange.Index);
        var id = exchange.Verb is Verb.EndOfData or Verb.Bdat ? QueueId.Find(reply.Text) : default;
        Queued = id.IsEmpty ? null : Encoding.ASCII.GetString(id);
        Record(exchange.Operation, reply);
    }

    private void Record(Operation operation, in Reply reply)
    {
        if (_origin == Origin.Relay)
        {
            _record.RelayReplied(operation, reply);
        }
    }
}
