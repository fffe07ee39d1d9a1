namespace SmtpProxy.Faults;

/// <summary>Faults (<c>SmtpProxy:Faults</c>): off unless enabled, and then only in environments that are meant to be broken.</summary>
public sealed record FaultsOptions
{
    /// <summary>Whether faults can be armed in this process at all. Read at start.</summary>
    public bool Enabled { get; init; }

    /// <summary>Environments in which they may be enabled: a list, or a text with commas; Development, Staging and Test unless said. Read at start.</summary>
    public IConfigurationSection? AllowedEnvironments { get; init; }

    /// <summary>Allows faults in any environment, production included. Read at start.</summary>
    public bool AllowUnsafeEnvironment { get; init; }

    /// <summary>What draws are made from: the same seed and the same traffic give the same faults. 0: drawn at start, and logged. Read at start.</summary>
    public long Seed { get; init; }

    /// <summary>Allows actions after which a client may send a message again that the relay has. Live.</summary>
    public bool AllowDuplicateRisk { get; init; }

    /// <summary>Allows actions that lose a message whose client was told 250. Live.</summary>
    public bool AllowLossRisk { get; init; }

    /// <summary>Allows probes that attack a peer's TLS. Live.</summary>
    public bool AllowSecurityProbes { get; init; }

    /// <summary>The longest life of a rule made over HTTP. Live.</summary>
    public TimeSpan MaxTtl { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The longest time that an action may hold anything. Live.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Faults in progress at the same time, in the whole process. Live.</summary>
    public int MaxActiveFaults { get; init; } = 1000;

    /// <summary>The longest time for which a relay may be kept waiting: its own timers run (RFC 5321 4.5.3.2.7 asks for five minutes; Postfix under stress gives 10 s). Live.</summary>
    public TimeSpan UpstreamHoldLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A file whose existence halts all faults; null: none. Live.</summary>
    public string? HaltFile { get; init; }

    /// <summary>Share of sessions without a fault that may fail within a minute before all faults are halted; 1: never. Live.</summary>
    public double AutoHaltRatio { get; init; } = 0.5;

    /// <summary>Sessions without a fault within a minute below which the share says nothing. Live.</summary>
    public int AutoHaltMinSessions { get; init; } = 20;

    /// <summary>Listeners on which faults may strike: a list, or a text with commas; all unless said. Live.</summary>
    public IConfigurationSection? Listeners { get; init; }

    /// <summary>Clusters and destinations before which faults may strike: a list, or a text with commas; all unless said. Live.</summary>
    public IConfigurationSection? Upstreams { get; init; }

    /// <summary>The rules by name. Live.</summary>
    public IConfigurationSection? Rules { get; init; }

    /// <summary>A list, written as one or as a text with commas; empty when it is not there.</summary>
    public static IReadOnlyList<string> List(IConfigurationSection? section) => section is null
        ? []
        : section.Value is { } text
            ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [.. section.GetChildren().Select(static c => c.Value).OfType<string>()];
}
