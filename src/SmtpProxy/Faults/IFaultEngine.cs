namespace SmtpProxy.Faults;

/// <summary>The engine, as sessions see it. Thread-safe.</summary>
public interface IFaultEngine
{
    /// <summary>Whether faults are enabled in this process at all. When not, sessions have nothing between them and their octets.</summary>
    bool IsEnabled { get; }

    /// <summary>Rules changed, a halt, or a resume: sessions must look again, and on a halt release what they hold.</summary>
    event Action? Changed;

    /// <summary>Every held delay, stall and throttle is released at once while this is true.</summary>
    bool IsHalted { get; }

    /// <summary>Opens the faults of a new session.</summary>
    ISessionFaults Open(FaultFacts facts);

    /// <summary>A session ended: feeds the automatic halt.</summary>
    /// <param name="faulted">Whether a fault was injected into it.</param>
    /// <param name="failed">Whether it ended badly.</param>
    void SessionOver(bool faulted, bool failed);
}
