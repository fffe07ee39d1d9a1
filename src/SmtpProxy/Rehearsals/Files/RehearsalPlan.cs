using System.Text.Json.Nodes;
using SmtpProxy.Rehearsals.Expectations;
using SmtpProxy.Rehearsals.Stops;

namespace SmtpProxy.Rehearsals.Files;

/// <summary>A rehearsal as it was read from its file. Its times are scaled.</summary>
internal sealed record RehearsalPlan
{
    /// <summary>What is rehearsed.</summary>
    public required string Name { get; init; }

    /// <summary>The file.</summary>
    public required string File { get; init; }

    /// <summary>What happens, and why it matters; null: not said.</summary>
    public string? About { get; init; }

    /// <summary>What a client does that does right; null: not said.</summary>
    public string? GoodClient { get; init; }

    /// <summary>Where that stands.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>What draws are made from.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>What every time was multiplied by.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>The longest time of one phase.</summary>
    public TimeSpan Longest { get; init; }

    /// <summary>Whether the rehearsal's own proxy offers STARTTLS.</summary>
    public bool HasTls { get; init; }

    /// <summary>The fault rules by name.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonObject>> Rules { get; init; } = [];

    /// <summary>The relays behind the rehearsal's own proxy, by name.</summary>
    public IReadOnlyList<PlannedRelay> Relays { get; init; } = [];

    /// <summary>The client's command; null: none.</summary>
    public IReadOnlyList<string>? Run { get; init; }

    /// <summary>How many messages it sends in one run.</summary>
    public int Messages { get; init; } = 1;

    /// <summary>Whether its mail goes on after it has ended.</summary>
    public bool Queues { get; init; }

    /// <summary>Whether there is no command, and what passes is judged.</summary>
    public bool IsLive { get; init; }

    /// <summary>Only sessions of these listeners; empty: all.</summary>
    public IReadOnlyList<string> Listeners { get; init; } = [];

    /// <summary>Only sessions from these networks; empty: all.</summary>
    public IReadOnlyList<System.Net.IPNetwork> Clients { get; init; } = [];

    /// <summary>Steady state.</summary>
    public IReadOnlyList<Expectation> Before { get; init; } = [];

    /// <summary>While faults are armed.</summary>
    public IReadOnlyList<Expectation> During { get; init; } = [];

    /// <summary>When they are gone.</summary>
    public IReadOnlyList<Expectation> After { get; init; } = [];

    /// <summary>What ends it at once.</summary>
    public IReadOnlyList<StopCondition> Stops { get; init; } = [];
}

/// <summary>A relay behind the rehearsal's own proxy.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Answers">What it answers; empty: it takes all mail.</param>
/// <param name="IsAway">Whether nothing listens there.</param>
internal sealed record PlannedRelay(string Name, string Answers, bool IsAway);
