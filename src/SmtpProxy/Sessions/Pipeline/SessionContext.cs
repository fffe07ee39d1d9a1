using System.Net;
using SmtpProxy.Protocol;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Security;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Pipeline;

/// <summary>What all parts of one session share: its connections, its record, its clock, and who is waited for.
/// Used on the pair's loop.</summary>
internal sealed class SessionContext : IHeldTime
{
    private HoldClock _clock;

    public SessionContext(IPair pair, SessionLimits limits, SessionTelemetry telemetry, SessionTls? tls, Action<Exception> observerFailed)
    {
        (Pair, Limits, Telemetry, Tls) = (pair, limits, telemetry, tls);
        (Flow, Timers, Client) = (new Flow(pair), new SessionTimers(pair), new ClientPort(this));
        Dialogue = new DialogueTracker(telemetry, observerFailed);
        telemetry.Read(this);
    }

    /// <summary>The connections.</summary>
    public IPair Pair { get; }

    /// <summary>The bounds that the session began with.</summary>
    public SessionLimits Limits { get; }

    /// <summary>The session's record.</summary>
    public SessionTelemetry Telemetry { get; }

    /// <summary>The dialogue as the client has it.</summary>
    public DialogueTracker Dialogue { get; }

    /// <summary>TLS that the proxy speaks; null: none.</summary>
    public SessionTls? Tls { get; }

    /// <summary>Who is read.</summary>
    public Flow Flow { get; }

    /// <summary>Who is waited for, and how long.</summary>
    public SessionTimers Timers { get; }

    /// <summary>The client's connection, to write to.</summary>
    public ClientPort Client { get; }

    /// <summary>The client's address.</summary>
    public EndPoint ClientAddress => Pair.Client;

    /// <summary>The address that the client connected to.</summary>
    public EndPoint LocalAddress => Pair.Local;

    /// <summary>Keeps the relay's first line until it is whole.</summary>
    public FirstLine FirstLine { get; set; } = null!;

    /// <summary>The relay's connection.</summary>
    public RelayPort Relay { get; set; } = null!;

    /// <summary>The session is being ended by the proxy: nothing more of the client goes to the relay.</summary>
    public bool IsEnding { get; set; }

    /// <summary>The dialogue as the relay has it, where it is not the client's: faults tell them different things.</summary>
    public RelayDialogue? RelayDialogue { get; private set; }

    /// <summary>Told when they begin to differ, between two transactions.</summary>
    public IPartingWitness? PartingWitness { get; set; }

    /// <summary>Something is held on purpose.</summary>
    public bool IsHolding => _clock.IsHolding;

    long IHeldTime.Held => _clock.Held;

    long IHeldTime.HeldSince => _clock.Since;

    long IHeldTime.ReleasedAt => _clock.ReleasedAt;

    /// <summary>A fault ends the session, whoever else seems to.</summary>
    public bool IsEndedByFault { get; private set; }

    /// <summary>The session's time, in ticks of <see cref="System.Diagnostics.Stopwatch"/>: when the event that is being handled happened.
    /// It stands still while anything is held, so that no time that is measured with it contains an injected delay.</summary>
    public long Now => _clock.At(Pair.Now);

    /// <summary>The session's time when that had reached this machine: what passed since is the proxy's delay.</summary>
    public long Arrived => _clock.At(Pair.Arrived);

    /// <summary>The session's time at this moment.</summary>
    public long Clock() => _clock.At(Pair.Clock());

    /// <summary>Something is held from here on.</summary>
    public void Hold() => _clock.Begin(Pair.Clock());

    /// <summary>It goes on.</summary>
    public void Release() => _clock.End(Pair.Clock());

    /// <summary>From here on client and relay have a dialogue each.</summary>
    /// <param name="joined">It goes on, between two transactions, and this is its protocol; null: it has not begun.</param>
    public void PartDialogues(DialogueProtocol? joined)
    {
        RelayDialogue = new RelayDialogue(joined, Dialogue);
        Telemetry.DialoguesPart();
        PartingWitness?.Part(RelayDialogue);
    }

    /// <summary>A fault is about to end the session.</summary>
    public void EndByFault() => IsEndedByFault = true;
}
