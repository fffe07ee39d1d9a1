using SmtpProxy.Faults;

namespace SmtpProxy.Admin.Faults;

/// <summary>One injection, as the API shows it.</summary>
/// <param name="Id">Its number; ask for what is behind it with <c>after</c>.</param>
/// <param name="Time">When it struck.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Point">Where.</param>
/// <param name="Action">What.</param>
/// <param name="Effect">On delivery.</param>
/// <param name="Session">The session's id, as in the journal.</param>
/// <param name="TraceId">The session's trace.</param>
/// <param name="ClientCode">The reply that the client saw; null: none.</param>
/// <param name="UpstreamCode">What the relay really answered; null: it was not asked.</param>
/// <param name="UpstreamQueueId">The queue id in that answer.</param>
/// <param name="BodyOctets">Octets of the message that had passed when it was cut.</param>
/// <param name="AddedMs">Delay that was added, in milliseconds.</param>
/// <param name="Released">Released early by a halt.</param>
/// <param name="DecisionKey">With seed and rule it makes the decision again; where that would tell whose
/// mail it was, a name for it.</param>
internal sealed record InjectionView(
    long Id, DateTimeOffset Time, string Rule, string Point, string Action, string Effect, string Session, string? TraceId, int? ClientCode,
    int? UpstreamCode, string? UpstreamQueueId, long? BodyOctets, double AddedMs, bool Released, string DecisionKey)
{
    /// <summary>The view of an injection.</summary>
    public static InjectionView Of(long id, Injection injection) => new(
        id,
        injection.Time,
        injection.Rule,
        FaultNames.Of(injection.Point),
        injection.Action,
        FaultNames.Of(injection.Effect),
        injection.Session,
        injection.TraceId,
        injection.ClientCode,
        injection.RelayCode,
        injection.RelayQueueId,
        injection.BodyOctets,
        Math.Round(injection.AddedDelay.TotalMilliseconds, 3),
        injection.Released,
        injection.ShownKey ?? "");
}
