using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Faults;

/// <summary>
/// What is to happen at one point of one session: written by the actions of the rules that fire there, carried out by the session, which
/// alone knows how to keep both sides coherent. Actions combine these few means; they never see a socket.
/// </summary>
public sealed class Strike
{
    /// <summary>What is injected here, one for each rule that fired; the session fills in what came of it.</summary>
    public List<Injection> Injections { get; } = [];

    /// <summary>Hold the dial for this long. Only at connect, dial and greeting.</summary>
    public TimeSpan BeforeDial { get; set; }

    /// <summary>Hold the command (body: what follows; end of data: the dot) for this long before the relay gets it.</summary>
    public TimeSpan BeforeForward { get; set; }

    /// <summary>Hold the reply for this long.</summary>
    public TimeSpan BeforeReply { get; set; }

    /// <summary>The relay never gets this command (the greeting: the relay is not dialled; the end of data: the dot is withheld). Then
    /// <see cref="Reply"/> says what the client gets.</summary>
    public bool Withhold { get; set; }

    /// <summary>End the relay's connection at once: what was withheld never reaches it.</summary>
    public EndKind? AbortRelay { get; set; }

    /// <summary>Extra octets for the relay, in one write with and after the command (security probes).</summary>
    public ReadOnlyMemory<byte> BehindCommand { get; set; }

    /// <summary>What the client gets in this slot; null: the relay's reply as it is.</summary>
    public ReplyPlan? Reply { get; set; }

    /// <summary>The client is cut off, or kept, in this slot: what it has pipelined behind the command waits for it.</summary>
    public bool CutsOff { get; set; }

    /// <summary>Dialling fails in this way, without a dial.</summary>
    public DialOutcome? DialFails { get; set; }

    /// <summary>Slow down octets from here on; null: no change.</summary>
    public ThrottleSpec? Throttle { get; set; }

    /// <summary>The certificate that the client is shown when it shakes hands after this STARTTLS; null: the listener's.</summary>
    public CertificateFlaw? Certificate { get; set; }

    /// <summary>Edits of the EHLO reply that the session must remember; null: none.</summary>
    public CapabilityEdits? Capabilities { get; set; }

    /// <summary>Adds what was decided later for the same slot: delays add up, of everything else the earlier one stands.</summary>
    public void Join(Strike later)
    {
        Injections.AddRange(later.Injections);
        BeforeReply += later.BeforeReply;
        Reply ??= later.Reply;
        CutsOff |= later.CutsOff;
        Throttle ??= later.Throttle;
        Capabilities ??= later.Capabilities;
    }

    /// <summary>Adds the time for which octets were held to the injection of the delay, if one struck here,
    /// otherwise to the first.</summary>
    public void Held(TimeSpan time)
    {
        if (Injections.Find(static injection => injection.Action == "delay") is { } delay)
        {
            delay.AddedDelay += time;
        }
        else if (Injections.Count > 0)
        {
            Injections[0].AddedDelay += time;
        }
    }
}

/// <summary>Writes the steps of a slot.</summary>
/// <param name="real">The relay's whole reply with its line ends; empty when the command was withheld.</param>
public delegate IReadOnlyList<ReplyStep> ReplyPlan(ReadOnlyMemory<byte> real);

/// <summary>A limit of speed.</summary>
/// <param name="BytesPerSecond">Octets a second.</param>
/// <param name="Burst">Octets that may go at once.</param>
/// <param name="FromClient">Octets of the client are slowed.</param>
/// <param name="FromRelay">Octets of the relay are slowed.</param>
public sealed record ThrottleSpec(long BytesPerSecond, long Burst, bool FromClient, bool FromRelay);

/// <summary>What was hidden from, or changed for, the client in the EHLO reply. A capability is never added.</summary>
/// <param name="Hidden">Keywords removed or masked, upper case: commands that need one (STARTTLS) are answered 502 here.</param>
/// <param name="MaxSize">The SIZE shown: a MAIL that declares more is answered 552 here; null: unchanged.</param>
public sealed record CapabilityEdits(IReadOnlyList<string> Hidden, long? MaxSize);
