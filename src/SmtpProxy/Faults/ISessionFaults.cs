namespace SmtpProxy.Faults;

/// <summary>The faults of one session: which rules fire where. On the session's loop. It never throws: a failure of the engine is "no
/// fault". Rules may change between calls; a rule's draw for a session never does.</summary>
public interface ISessionFaults
{
    /// <summary>One volatile read when nothing is armed (off, halted, no rule).</summary>
    bool IsArmed { get; }

    /// <summary>What live rules that could still match this session want to see at this point; AnyCommand is included
    /// in each command's point.</summary>
    Watch Watches(FaultPoint point);

    /// <summary>Whether a rule can strike the relay's reply to what these facts are of: everything but the reply's code fits.</summary>
    bool AwaitsReply(FaultPoint point, FaultFacts facts);

    /// <summary>The smallest number of message octets, above this one, at which a rule of
    /// <see cref="FaultPoint.DataBody"/> waits; null: none.</summary>
    long? NextBodyOffset(long after);

    /// <summary>The shortest time without a command for which a rule of <see cref="FaultPoint.Idle"/> waits; null: none.</summary>
    TimeSpan? NextIdle(TimeSpan after);

    /// <summary>The next age of the session for which a rule of <see cref="FaultPoint.Elapsed"/> waits; null: none.</summary>
    TimeSpan? NextElapsed(TimeSpan after);

    /// <summary>Asks before the relay gets it: rules that need no reply to decide.</summary>
    /// <returns>Null: nothing happens.</returns>
    Strike? OnCommand(FaultPoint point, FaultFacts facts);

    /// <summary>Asks when the relay's reply is there (<see cref="FaultFacts.RelayCode"/>): rules on replies. Not asked
    /// for a withheld command.</summary>
    Strike? OnReply(FaultPoint point, FaultFacts facts);

    /// <summary>Some questions are answered later, by a fleet. Where this is false, none is.</summary>
    bool MayAsk => false;

    /// <summary>Called on any thread when such a question is answered; then it is asked again.</summary>
    Action? Decided { set { } }

    /// <summary>The answer to a question just asked is not there yet, whatever was returned: ask the same again when
    /// <see cref="Decided"/> was called, which is soon in any case, and hold until then what was asked about.</summary>
    bool IsAsking(FaultPoint point, FaultFacts facts) => false;

    /// <summary>It is not asked any more.</summary>
    void Forget(FaultPoint point, FaultFacts facts)
    {
        // Nothing is ever asked.
    }

    /// <summary>The session is over: releases what limits and budgets hold.</summary>
    void Over();
}
