using System.Text.Json.Nodes;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Rules;

/// <summary>Where a rule comes from.</summary>
public enum RuleSource : byte
{
    /// <summary>appsettings.json or another configuration source.</summary>
    File,

    /// <summary>The HTTP API: it expires, and is not kept over a restart.</summary>
    Api,
}

/// <summary>One rule, read and judged. Never changes.</summary>
public sealed class FaultRule
{
    /// <summary>Its name.</summary>
    public required string Id { get; init; }

    /// <summary>Where it comes from.</summary>
    public required RuleSource Source { get; init; }

    /// <summary>As it was written: what GET shows.</summary>
    public required JsonObject Text { get; init; }

    /// <summary>Whether it is armed.</summary>
    public required bool IsEnabled { get; init; }

    /// <summary>Lower ones come first.</summary>
    public required long Order { get; init; }

    /// <summary>Where it strikes.</summary>
    public required FaultPoint At { get; init; }

    /// <summary>At dataBody: after how many octets.</summary>
    public required long AfterBytes { get; init; }

    /// <summary>At idle and elapsed: after how long.</summary>
    public required TimeSpan AfterTime { get; init; }

    /// <summary>Conditions.</summary>
    public required RuleMatch Match { get; init; }

    /// <summary>Which occasions.</summary>
    public required Occurrence Occurrence { get; init; }

    /// <summary>Share of them.</summary>
    public required double Probability { get; init; }

    /// <summary>connection, transaction or occurrence.</summary>
    public required string SampleBy { get; init; }

    /// <summary>What happens.</summary>
    public required FaultAction Action { get; init; }

    /// <summary>What it may do at most.</summary>
    public required Values Budget { get; init; }

    /// <summary>Not armed before.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Not armed after; the end of the time to live counts.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Armed and not armed, in turns since <see cref="Created"/>; null: always armed.</summary>
    public (TimeSpan On, TimeSpan Off)? Pulse { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>What it does to delivery.</summary>
    public DeliveryEffect Effect => Action.EffectAt(At);

    /// <summary>It is decided when the relay has answered, not before.</summary>
    public bool IsOnReply => Match.NeedsReply || Action.IsOnReply(At);

    /// <summary>Its life is over.</summary>
    public bool IsOver(DateTimeOffset now) => now > NotAfter;

    /// <summary>Armed at this moment, as far as time goes.</summary>
    public bool IsTime(DateTimeOffset now) =>
        !IsOver(now) && !(now < NotBefore)
        && (Pulse is not { } pulse || (now - Created).Ticks % (pulse.On + pulse.Off).Ticks < pulse.On.Ticks);
}
