using SmtpProxy.Protocol;
using SmtpProxy.Telemetry;

namespace SmtpProxy.Sessions;

/// <summary>What the dialogues of all sessions may take for commands without a reply.</summary>
public static class DialogueMemory
{
    /// <summary>Counts from now on each session that is tracked no further for want of it.</summary>
    public static void ReportTo(ITelemetry telemetry) => DialogueLimits.Default.Memory.Met = () => telemetry.LimitHit("dialogue_memory");

    /// <summary>So many octets; 0 = as many as there are.</summary>
    public static void Bound(long octets) => DialogueLimits.Default.Memory.Limit = octets;
}
