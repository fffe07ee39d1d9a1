using System.Diagnostics.Metrics;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Fleet;

/// <summary>The instruments of a fleet. There are none where there is no fleet.</summary>
internal sealed class FleetInstruments
{
    private static readonly FleetUse[] Uses = Enum.GetValues<FleetUse>();
    private static readonly FleetOutcome[] Outcomes = Enum.GetValues<FleetOutcome>();

    private readonly CellsBy<(FleetUse Use, FleetOutcome Outcome)> _requests;
    private readonly Histogram<double> _duration;
    private readonly KeyValuePair<string, object?>[] _uses =
        [.. Uses.Select(static use => new KeyValuePair<string, object?>(Attributes.FleetUse, NameOf(use)))];

    /// <summary>Creates them.</summary>
    /// <param name="meter">The meter SmtpProxy.</param>
    /// <param name="isJoined">Whether the fleet is heard at this moment.</param>
    /// <param name="members">How many members there are.</param>
    /// <param name="configurations">How many different configurations they have.</param>
    /// <param name="versions">How many different versions they are of.</param>
    public FleetInstruments(Meter meter, Func<bool> isJoined, Func<int> members, Func<int> configurations, Func<int> versions)
    {
        var cells = new Cells();
        _requests = new(cells, static k =>
            [new(Attributes.FleetUse, NameOf(k.Use)), new(Attributes.Outcome, NameOf(k.Outcome))]);
        _requests.Show(Uses.SelectMany(static _ => Outcomes, static (use, outcome) => (use, outcome)));
        meter.CreateObservableCounter("smtpproxy.fleet.requests", cells.Measure, "{request}", "Requests to the fleet's Redis, by outcome");
        _duration = meter.CreateHistogram<double>("smtpproxy.fleet.request.duration", "s", "How long Redis took to answer", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets.Seconds });
        meter.CreateObservableGauge("smtpproxy.fleet.joined", () => isJoined() ? 1 : 0, null,
            "Whether this proxy hears the fleet: 0 while it acts alone");
        meter.CreateObservableGauge("smtpproxy.fleet.members", members, "{proxy}", "Proxies in the fleet, as last heard");
        meter.CreateObservableGauge("smtpproxy.fleet.configurations", configurations, "{configuration}",
            "Different configurations in the fleet; more than 1 is drift");
        meter.CreateObservableGauge("smtpproxy.fleet.versions", versions, "{version}",
            "Different versions in the fleet; more than 1 outside of an upgrade is drift");
    }

    /// <summary>Redis was asked, or was to be.</summary>
    /// <param name="use">What for.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="took">How long it took; null: it was not asked.</param>
    public void Asked(FleetUse use, FleetOutcome outcome, TimeSpan? took)
    {
        _requests[(use, outcome)].Increment();
        if (took is { } time)
        {
            _duration.Record(time.TotalSeconds, _uses[(int)use]);
        }
    }

    private static string NameOf(FleetUse use) => use switch
    {
        FleetUse.Beat => "beat",
        FleetUse.Halt => "halt",
        FleetUse.Rules => "rules",
        FleetUse.Budget => "budget",
        FleetUse.Limits => "limits",
        _ => "greylist",
    };

    private static string NameOf(FleetOutcome outcome) => outcome switch
    {
        FleetOutcome.Ok => "ok",
        FleetOutcome.Timeout => "timeout",
        FleetOutcome.Unreachable => "unreachable",
        FleetOutcome.Full => "full",
        FleetOutcome.Refused => "refused",
        _ => "spared",
    };
}
