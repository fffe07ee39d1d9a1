namespace SmtpProxy.Telemetry.Clocks;

/// <summary>How long faults have held octets of a session, during which its clock stands still: its telemetry reads that of the session
/// whenever it needs it. In <see cref="System.Diagnostics.Stopwatch"/> ticks.</summary>
public interface IHeldTime
{
    /// <summary>For how long so far. That time belongs to the proxy.</summary>
    long Held { get; }

    /// <summary>Since when octets are held, in real time; 0: none are. Read by any thread.</summary>
    long HeldSince { get; }

    /// <summary>When octets that were held went on last, in real time; 0: none ever did. Read by any thread.</summary>
    long ReleasedAt { get; }
}
