using SmtpProxy.Faults;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>One reply that the client expects, in the order in which it asked: what it asked for, what strikes there, and the
/// reply as far as it has come.</summary>
internal sealed class Slot(FaultPoint point, Operation operation)
{
    /// <summary>Octets of a reply that are kept to be changed; a longer one passes unchanged.</summary>
    public const int LongestReply = 64 * 1024;

    private OctetQueue? _lead;

    /// <summary>Where in the dialogue.</summary>
    public FaultPoint Point { get; } = point;

    /// <summary>The phase it is counted under.</summary>
    public Operation Operation { get; } = operation;

    /// <summary>Octets of the command, of which facts are kept.</summary>
    public int Asked { get; init; }

    /// <summary>What strikes here; null: nothing.</summary>
    public Strike? Strike { get; set; }

    /// <summary>The relay's reply to what was sent in its coherence (RSET, QUIT, a cancelled AUTH): nobody hears of it.</summary>
    public bool IsSwallowed { get; init; }

    /// <summary>Rules want to see the relay's reply before the client does.</summary>
    public bool IsWatched { get; set; }

    /// <summary>Everything is there to carry it out.</summary>
    public bool IsReady { get; set; }

    /// <summary>It waits for something, and not for what the relay says: a time that its command is held for, or the fleet.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Octets of the relay that wait here.</summary>
    public int Kept => Real.Length + (_lead?.Length ?? 0);

    /// <summary>Faults were halted, or the proxy stops: nothing is waited for when its turn comes.</summary>
    public bool IsReleased { get; set; }

    /// <summary>An answer of ours that no rule asked for: the local tail, or a capability that was hidden.</summary>
    public byte[]? OwnReply { get; set; }

    /// <summary>The session ends after <see cref="OwnReply"/>.</summary>
    public bool EndsSession { get; set; }

    /// <summary>The relay's reply, whole when <see cref="IsReady"/>; empty where it went out as it came, or none was asked for.</summary>
    public OctetQueue Real { get; } = new();

    /// <summary>Code of the relay's reply; 0: none.</summary>
    public int RealCode { get; set; }

    /// <summary>Whose words the relay's reply is: the proxy may have given it in the relay's place.</summary>
    public Origin Origin { get; set; } = Origin.Relay;

    /// <summary>The queue id in the relay's reply; null: none.</summary>
    public string? Queued { get; set; }

    /// <summary>What was known when the client asked; only where <see cref="IsWatched"/>.</summary>
    public FaultFacts? Facts { get; set; }

    /// <summary>The relay's octets go out as they come.</summary>
    public bool IsPlain => Strike is null && !IsWatched && OwnReply is null;

    /// <summary>The relay asks for a SASL response, and all that the client is told in its place is that AUTH has failed.</summary>
    public bool LeavesAuth => RealCode == 334 && Strike?.Reply is { } plan
        && plan(Real.Octets.ToArray()) is [ReplyStep.Say { Octets: var told }]
        && ReplyCollector.IsWhole(told.Span, out var code) && code >= 400;

    /// <summary>A command that was to be withheld when its turn comes, which it never did, was not.</summary>
    public void ReleaseIfWaiting()
    {
        foreach (var injection in Strike is { Withhold: true } && !IsReady ? Strike.Injections : [])
        {
            injection.Released = true;
        }
    }

    /// <summary>Something strikes here as well, now that the relay's reply is known.</summary>
    public void Add(Strike later)
    {
        if (Strike is { } earlier)
        {
            earlier.Join(later);
        }
        else
        {
            Strike = later;
        }
    }

    /// <summary>A line of the relay, with what has come of it, belongs to no reply: it comes before this slot's.</summary>
    public void Precede(ReadOnlySpan<byte> line)
    {
        _lead ??= new OctetQueue();
        _lead.Append(Real.Take());
        _lead.Append(line);
    }

    /// <summary>Takes what the client need not wait for any longer when it is this slot's turn: lines that belong to no reply.</summary>
    public ReadOnlySpan<byte> TakeLead() => _lead is null ? [] : _lead.Take();

    /// <summary>The same of a reply that nothing strikes: what there is of it.</summary>
    public ReadOnlySpan<byte> TakeFree() => IsPlain && !IsReady ? Real.Take() : [];

    /// <summary>Forgets what the relay has said here.</summary>
    public void Forget()
    {
        _lead?.Clear();
        Real.Clear();
    }
}
