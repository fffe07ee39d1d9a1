namespace SmtpProxy.Rehearsals.Observed;

/// <summary>All that was seen of one phase of a rehearsal, up to a moment.</summary>
internal sealed record Observation
{
    /// <summary>Its sessions, open ones included, in the order in which they began.</summary>
    public IReadOnlyList<SeenSession> Sessions { get; init; } = [];

    /// <summary>When the phase began: Unix time in seconds.</summary>
    public double Began { get; init; }

    /// <summary>The moment: Unix time in seconds.</summary>
    public double Now { get; init; }

    /// <summary>Messages, each to one recipient, that the client is given to send; null: nobody knows (live traffic).</summary>
    public int? Messages { get; init; }

    /// <summary>What the client's command ended with; null: it has not, or there is none.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Metrics at the beginning, by series; empty: not asked for.</summary>
    public MetricsReading MetricsThen { get; init; } = MetricsReading.None;

    /// <summary>Metrics now.</summary>
    public MetricsReading MetricsNow { get; init; } = MetricsReading.None;

    /// <summary>Alerts that Prometheus says fire; null: not asked.</summary>
    public IReadOnlyCollection<string>? Alerts { get; init; }

    /// <summary>Those that fired when the phase began; null: not asked, or nobody answered.</summary>
    public IReadOnlyCollection<string>? AlertsThen { get; init; }

    /// <summary>Sessions that ended and could not be looked at: the proxy had kept too few.</summary>
    public long Missed { get; init; }

    /// <summary>All tries, in the order in which they began.</summary>
    public IReadOnlyList<SeenTry> Tries => [.. Sessions.SelectMany(static s => s.Tries).OrderBy(static t => t.Began)];

    /// <summary>How often a fault struck.</summary>
    public int Strikes => Sessions.Sum(static s => s.Faults.Count);
}
