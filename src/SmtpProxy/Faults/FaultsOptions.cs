namespace SmtpProxy.Faults;

/// <summary>Faults (<c>SmtpProxy:Faults</c>): off unless enabled, and then only in environments that are meant to be broken.</summary>
public sealed record FaultsOptions
{
    /// <summary>Whether faults can be armed in this process at all. Read at start.</summary>
    public bool Enabled { get; set; }

    /// <summary>Environments in which they may be enabled: a list, or a text with commas; Development, Staging and Test
    /// unless said. Read at start.</summary>
    public IConfigurationSection? AllowedEnvironments { get; set; }

    /// <summary>Allows faults in any environment, production included. Read at start.</summary>
    public bool AllowUnsafeEnvironment { get; set; }

    /// <summary>What draws are made from: the same seed and the same traffic give the same faults. 0: drawn at start,
    /// and logged. Read at start.</summary>
    public long Seed { get; set; }

    /// <summary>Allows actions after which a client may send a message again that the relay has. Live.</summary>
    public bool AllowDuplicateRisk { get; set; }

    /// <summary>Allows actions that lose a message whose client was told 250. Live.</summary>
    public bool AllowLossRisk { get; set; }

    /// <summary>Allows probes that attack a peer's TLS. Live.</summary>
    public bool AllowSecurityProbes { get; set; }

    /// <summary>The longest life of a rule made over HTTP. Live.</summary>
    public TimeSpan MaxTtl { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The longest time that an action may hold anything. Live.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Faults in progress at the same time, in the whole process. Live.</summary>
    public int MaxActiveFaults { get; set; } = 1000;

    /// <summary>The longest time for which a relay may be kept waiting: its own timers run (RFC 5321 4.5.3.2.7 asks for five minutes;
    /// Postfix under stress gives 10 s). Live.</summary>
    public TimeSpan UpstreamHoldLimit { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>A file whose existence halts all faults; null: none. Live.</summary>
    public string? HaltFile { get; set; }

    /// <summary>Share of sessions without a fault that may fail within a minute before all faults are halted; 1: never. Live.</summary>
    public double AutoHaltRatio { get; set; } = 0.5;

    /// <summary>Sessions without a fault within a minute below which the share says nothing. Live.</summary>
    public int AutoHaltMinSessions { get; set; } = 20;

    /// <summary>Listeners on which faults may strike: a list, or a text with commas; all unless said. Live.</summary>
    public IConfigurationSection? Listeners { get; set; }

    /// <summary>Clusters and destinations before which faults may strike: a list, or a text with commas; all unless said. Live.</summary>
    public IConfigurationSection? Upstreams { get; set; }

    /// <summary>The rules by name. Live.</summary>
    public IConfigurationSection? Rules { get; set; }

    /// <summary>A list, written as one or as a text with commas; empty when it is not there.</summary>
    public static IReadOnlyList<string> List(IConfigurationSection? section) => section is null
        ? []
        : section.Value is { } text
            ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [.. section.GetChildren().Select(static c => c.Value).OfType<string>()];
}
