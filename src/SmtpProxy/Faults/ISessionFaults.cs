namespace SmtpProxy.Faults;

/// <summary>What live rules want to see at a point.</summary>
[Flags]
public enum Watch : byte
{
    /// <summary>Nothing: octets pass as they are.</summary>
    None,

    /// <summary>The command (or body, or end of data), before the relay gets it.</summary>
    Command = 1,

    /// <summary>The relay's whole reply, before the client gets it.</summary>
    Reply = 2,
}

/// <summary>The faults of one session: which rules fire where. On the session's loop. It never throws: a failure of the engine is "no fault".
/// Rules may change between calls; a rule's draw for a session never does.</summary>
public interface ISessionFaults
{
    /// <summary>One volatile read when nothing is armed (off, halted, no rule).</summary>
    bool IsArmed { get; }

    /// <summary>What live rules that could still match this session want to see at this point; AnyCommand is included in each command's point.</summary>
    Watch Watches(FaultPoint point);

    /// <summary>The smallest number of message octets, above this one, at which a rule of <see cref="FaultPoint.DataBody"/> waits; null: none.</summary>
    long? NextBodyOffset(long after);

    /// <summary>The shortest time without a command for which a rule of <see cref="FaultPoint.Idle"/> waits; null: none.</summary>
    TimeSpan? NextIdle(TimeSpan after);

    /// <summary>The next age of the session for which a rule of <see cref="FaultPoint.Elapsed"/> waits; null: none.</summary>
    TimeSpan? NextElapsed(TimeSpan after);

    /// <summary>Asks before the relay gets it: rules that need no reply to decide.</summary>
    /// <returns>Null: nothing happens.</returns>
    Strike? OnCommand(FaultPoint point, FaultFacts facts);

    /// <summary>Asks when the relay's reply is there (<see cref="FaultFacts.RelayCode"/>): rules on replies. Not asked for a withheld command.</summary>
    Strike? OnReply(FaultPoint point, FaultFacts facts);

    /// <summary>The session is over: releases what limits and budgets hold.</summary>
    void Over();
}

/// <summary>The engine, as sessions see it. Thread-safe.</summary>
public interface IFaultEngine
{
    /// <summary>Whether faults are enabled in this process at all. When not, sessions have nothing between them and their octets.</summary>
    bool IsEnabled { get; }

    /// <summary>Rules changed, a halt, or a resume: sessions must look again, and on a halt release what they hold.</summary>
    event Action? Changed;

    /// <summary>Every held delay, stall and throttle is released at once while this is true.</summary>
    bool IsHalted { get; }

    /// <summary>The faults of a new session.</summary>
    ISessionFaults Open(FaultFacts facts);

    /// <summary>A session ended: feeds the automatic halt.</summary>
    /// <param name="faulted">Whether a fault was injected into it.</param>
    /// <param name="failed">Whether it ended badly.</param>
    void SessionOver(bool faulted, bool failed);
}
