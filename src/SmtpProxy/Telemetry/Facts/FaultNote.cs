namespace SmtpProxy.Telemetry.Facts;

/// <summary>One fault that was injected into a session, as its record keeps it.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Action">The action's name.</param>
/// <param name="Point">Where in the dialogue.</param>
/// <param name="Effect">What it does to delivery.</param>
/// <param name="ClientCode">Code of the reply that the client saw; null: none.</param>
/// <param name="RelayCode">Code of the relay's own reply; null: it was not asked.</param>
/// <param name="RelayQueueId">Queue id in the relay's own reply: the only proof of a duplicate.</param>
/// <param name="AddedDelay">How long octets were held for it.</param>
public sealed record FaultNote(
    string Rule, string Action, string Point, string Effect, int? ClientCode, int? RelayCode, string? RelayQueueId, TimeSpan AddedDelay)
{
    /// <summary>The seed of the decision.</summary>
    public long Seed { get; init; }

    /// <summary>What was drawn for; with the seed it makes the decision again.</summary>
    public string DecisionKey { get; init; } = "";
}
