using SmtpProxy.Faults;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Hello;
using SmtpProxy.Protocol.Lines;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>Client to relay, one element at a time: asks at each whether something strikes, and sends it on, later, or not at all. Behind an element
/// whose reply decides what the next octets are (DATA, AUTH, STARTTLS), and behind one that is held, the rest waits: nothing overtakes.</summary>
internal sealed class CommandGate(FaultWire wire, ISessionFaults faults, FaultFacts facts, ClientView client, RelayView relay)
{
    /// <summary>A line longer than this is no command; it passes unread.</summary>
    private const int LongestLine = 64 * 1024;

    /// <summary>More than this is not taken from the client while it waits.</summary>
    private const int EnoughWaiting = 64 * 1024;

    private readonly OctetQueue _waiting = new();
    private readonly BodyGate _body = new(wire, faults, facts, client, relay);
    private CommandVerdict _verdict = null!;
    private ReplyGate _replies = null!;
    private SlotQueue _slots = null!;
    private bool _isStreaming;
    private bool _isShut;
    private bool _isPumping;

    /// <summary>Octets that count as not taken: while they are held the client is read no further.</summary>
    public int Backlog => !IsForNobody && (_body.IsHolding || _waiting.Length > EnoughWaiting) ? Math.Max(1, _waiting.Length) : 0;

    /// <summary>It waits for a reply of a relay that says no more. The client is read all the same, so that its end is seen.</summary>
    private bool IsForNobody => _slots.HasRelayEnded && client.Phase == ClientPhase.Held && _waiting.Length > EnoughWaiting;

    /// <summary>Held, or in need of a reply first.</summary>
    private bool IsBlocked => _body.IsHolding || _slots.IsUrgent || _slots.IsFull || client.Phase == ClientPhase.Held;

    /// <summary>The other direction.</summary>
    public void Bind(ReplyGate replies, SlotQueue slots)
    {
        (_replies, _slots) = (replies, slots);
        _verdict = new CommandVerdict(wire, faults, facts, client, relay, replies, slots);
        _body.Bind(replies, slots);
    }

    /// <summary>Octets of the client.</summary>
    public void Take(ReadOnlySpan<byte> octets)
    {
        if (wire.IsOver || IsForNobody)
        {
            return;
        }

        if (_waiting.Length == 0 && !_isPumping)
        {
            _isPumping = true;
            while (!octets.IsEmpty && !IsBlocked && !wire.IsOver && Process(octets) is var taken and > 0)
            {
                octets = octets[taken..];
            }

            _isPumping = false;
        }

        if (!octets.IsEmpty)
        {
            _waiting.Append(octets);
            Pump();
        }
    }

    /// <summary>A reply came, or a hold is over: goes on with what waits.</summary>
    public void Pump()
    {
        if (_isPumping || wire.IsOver)
        {
            return;
        }

        _isPumping = true;
        while (_waiting.Length > 0 && !IsBlocked && !wire.IsOver && Process(_waiting.Octets) is var taken and > 0)
        {
            _waiting.Remove(taken);
        }

        _isPumping = false;
        FinishIfShut();
    }

    /// <summary>The client has ended its direction.</summary>
    public void Shut()
    {
        _isShut = true;
        FinishIfShut();
    }

    /// <summary>A hold is over.</summary>
    public void Continue()
    {
        _body.Continue();
        Pump();
    }

    /// <summary>The client is gone: what waits goes nowhere.</summary>
    public void Drop()
    {
        _body.Drop();
        _waiting.Clear();
    }

    private void FinishIfShut()
    {
        if (!_isShut || _body.IsHolding || wire.IsOver)
        {
            return;
        }

        _isShut = false;
        if (_waiting.Length > 0)
        {
            // Half a command, or octets ahead of a reply: the relay gets them as it would have.
            Forward(_waiting.Take());
        }

        _body.Flush();
        if (!wire.IsRelayGone)
        {
            wire.ToRelay.Shut();
        }
    }

    private int Process(ReadOnlySpan<byte> octets)
    {
        switch (client.Phase)
        {
            case ClientPhase.Opaque:
                // What may be TLS and is answered in SMTP is followed again.
                client.Said(octets);
                Forward(octets);
                return octets.Length;
            case ClientPhase.Data or ClientPhase.Chunk:
                return _body.Take(octets);
            default:
                return Line(octets);
        }
    }

    private int Line(ReadOnlySpan<byte> octets)
    {
        _isStreaming &= client.IsInsideCommand;
        if (!_isStreaming && ClientHelloRecord.Judge(octets[..Math.Min(octets.Length, ClientHelloRecord.Enough)]) != Plausibility.Implausible)
        {
            // TLS that nobody asked for is no command that anybody could wait for.
            _isStreaming = true;
            client.Said(octets);
            Forward(octets);
            return octets.Length;
        }

        var end = octets.IndexOf((byte)'\n');
        if (end < 0)
        {
            if (!_isStreaming && !MayPassUnread(octets.Length))
            {
                return 0;
            }

            // Nobody waits for it at any command: it goes as it comes.
            _isStreaming = true;
            client.Said(octets);
            Forward(octets);
            return octets.Length;
        }

        var line = octets[..(end + 1)];
        if (_isStreaming)
        {
            _isStreaming = false;
            Forward(line);
            Follow(line);
        }
        else
        {
            client.Said(line);
            _verdict.Decide(line, _body);
        }

        return line.Length;
    }

    /// <summary>The end of a line that went as it came, and lines that were no lines before it.</summary>
    private void Follow(ReadOnlySpan<byte> line)
    {
        while (!line.IsEmpty)
        {
            line = line[client.Said(line)..];
            if (client.Opened is { } verb)
            {
                Expect(CommandPoints.Of(verb, client.IsLast));
            }
            else if (client.HasResponded)
            {
                Expect(FaultPoint.AuthStep);
            }
        }
    }

    private bool MayPassUnread(int length) =>
        length > LongestLine || (!wire.IsRelayGone && _slots.Shown is null && CommandPoints.All.All(point => faults.Watches(point) == Watch.None));

    private void Expect(FaultPoint point) => _replies.Owe(_slots.Open(point, CommandPoints.OperationOf(point), null));

    private void Forward(ReadOnlySpan<byte> octets)
    {
        if (!wire.IsRelayGone)
        {
            relay.Sent(octets);
            wire.ToRelay.Write(octets);
        }
    }
}
