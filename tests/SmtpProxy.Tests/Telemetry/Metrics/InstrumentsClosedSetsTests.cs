using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using SmtpProxy.Codes;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Tests.Dashboards;
using SmtpProxy.Tls;

namespace SmtpProxy.Tests.Telemetry.Metrics;

/// <summary>Series of closed sets are there before anything happens. One that is born with its first event hides it
/// from <c>increase()</c>.</summary>
public sealed partial class InstrumentsClosedSetsTests : IUpstreamStates, IDisposable
{
    private readonly Meter _meter = new(Instruments.MeterName);
    private readonly MetricsProbe _probe;
    private readonly ProxyTelemetry _telemetry;
    private UpstreamState[] _relays = [new("relays", "mx1", "up", 0, Encrypts: true), new("others", "mx9", "up", 0)];

    public InstrumentsClosedSetsTests()
    {
        _probe = new MetricsProbe(_meter);
        var instruments = new Instruments(_meter, this);
        var privacy = new PrivacyOptions().ToFilter();
        _telemetry = new ProxyTelemetry(instruments, new ProcessGauges(_meter, this, TimeProvider.System), null, () => privacy,
            TimeProvider.System)
        {
            Tls = new TlsInstruments(_meter, null, TimeProvider.System, instruments.Ways),
        };
        _telemetry.Listening("inbound", "relays");
    }

    public void Dispose()
    {
        _probe.Dispose();
        _meter.Dispose();
    }

    IEnumerable<UpstreamState> IUpstreamStates.Current() => _relays;

    public static TheoryData<string, string, int> OfARelay => new()
    {
        { "smtpproxy.transactions", "smtpproxy.outcome", Enum.GetValues<Verdict>().Length },
        { "smtpproxy.transactions.faulted", "smtpproxy.outcome", Enum.GetValues<Verdict>().Length },
        { "smtpproxy.transactions.at_risk", "smtpproxy.verdict", Enum.GetValues<Risk>().Length },
        { "smtpproxy.diagnoses", "smtpproxy.diagnosis", Catalogue.Diagnoses.Count },
        // Those that connected have no error.type.
        { "smtpproxy.upstream.dials", "error.type", AttributeValues.DialErrors.Length + 1 },
    };

    [Theory]
    [MemberData(nameof(OfARelay))]
    public void Relay_NoSessionYet_HasEachSeriesAtZero(string instrument, string attribute, int series)
    {
        var seen = _probe.All(instrument)
            .Where(static s => s.Has("smtpproxy.listener=inbound", "smtpproxy.cluster=relays", "smtpproxy.destination=mx1")).ToArray();
        Assert.All(seen, static s => Assert.Equal(0, s.Value));
        Assert.Equal(series, seen.Select(s => s.Attributes.FirstOrDefault(a => a.StartsWith(attribute, StringComparison.Ordinal)))
            .Distinct().Count());
    }

    [Fact]
    public void Relay_OfAClusterThatNoListenerLeadsTo_HasNoSeries() =>
        Assert.DoesNotContain(_probe.All("smtpproxy.transactions"), static s => s.Has("smtpproxy.destination=mx9"));

    [Fact]
    public void Relay_AddedByAReload_HasItsSeriesAtTheNextCollection()
    {
        Assert.DoesNotContain(_probe.All("smtpproxy.transactions"), static s => s.Has("smtpproxy.destination=mx2"));
        _relays = [.. _relays, new("relays", "mx2", "up", 0)];
        Assert.Equal(Enum.GetValues<Verdict>().Length, _probe.All("smtpproxy.transactions")
            .Count(static s => s.Has("smtpproxy.destination=mx2")));
    }

    [Fact]
    public void Listener_NoSessionYet_HasEachSeriesAtZero()
    {
        Assert.Equal(Enum.GetValues<SessionOutcome>().Length * Enum.GetValues<Visibility>().Length, Zeros("smtpproxy.sessions"));
        Assert.Equal(Enum.GetValues<Anomaly>().Length, Zeros("smtpproxy.anomalies"));
        Assert.Equal(Enum.GetValues<OpaqueReason>().Length - 1, Zeros("smtpproxy.sessions.opaque"));
        Assert.Equal(1, Zeros("smtpproxy.active_sessions"));
    }

    [Fact]
    public void Process_NothingHappened_HasEachSeriesAtZero()
    {
        Assert.Equal(Limits.All.Length, Zeros("smtpproxy.limits.hit"));
        Assert.Equal(Enum.GetValues<KeepReason>().Length, Zeros("smtpproxy.traces.kept"));
        Assert.Equal(Enum.GetValues<KeepReason>().Length, Zeros("smtpproxy.traces.dropped"));
        Assert.Equal(2, Zeros("smtpproxy.config.reloads"));
    }

    [Fact]
    public void Handshakes_OfARelayThatTlsIsSpokenTo_HaveEachFailureAtZero()
    {
        Assert.Equal(TlsFailure.Types.Length + 2, Zeros("smtpproxy.tls.handshakes"));
        _telemetry.Handshaken("inbound", "mx1",
            new HandshakeNote(Leg.Relay, default, null, null, new TlsFailure(TlsFailure.Expired, "expired")));
        Assert.Equal(1, _probe.Single("smtpproxy.tls.handshakes", "error.type=expired").Value);
    }

    [Fact]
    public void Replies_ThatRulesCount_AreAtZero() => Assert.Contains(
        _probe.All("smtpproxy.replies"),
        static s => s.Has("smtp.operation.name=greeting", "smtp.response.status_code=421", "smtpproxy.origin=relay",
            "smtpproxy.destination=mx1") && s.Value == 0);

    [Fact]
    public void Event_OfAShownSeries_IsCountedInIt()
    {
        _ = _probe["smtpproxy.sessions"];
        using var talk = new Conversation(_telemetry);
        talk.Greet().Ask("QUIT", "221 bye").Over();
        Assert.Equal(1, _probe.Sum("smtpproxy.sessions", "smtpproxy.outcome=quit", "smtpproxy.visibility=tracked"));
        Assert.Equal(1, _probe.Single("smtpproxy.upstream.dials", "smtpproxy.destination=mx1", "smtpproxy.listener=inbound",
            "smtpproxy.cluster=relays").Value);
    }

    [Fact]
    public void Limits_TheSet_IsWhatIsDocumentedAndWhatTheProductCounts()
    {
        var page = File.ReadAllText(Path.Combine(ObservabilityFiles.Folder, "..", "docs", "telemetry.md"));
        var table = page[page.IndexOf("### Limits", StringComparison.Ordinal)..page.IndexOf("### Series", StringComparison.Ordinal)];
        var documented = Row().Matches(table).SelectMany(static r => Name().Matches(r.Groups[1].Value))
            .Select(static m => m.Groups[1].Value);
        Assert.Equal(Limits.All.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
        var source = Directory.EnumerateFiles(Path.Combine(ObservabilityFiles.Folder, "..", "src", "SmtpProxy"), "*.cs",
            SearchOption.AllDirectories)
            .SelectMany(static file => Counted().Matches(File.ReadAllText(file))).Select(static m => m.Groups["name"].Value);
        Assert.Subset(Limits.All.ToHashSet(), source.ToHashSet());
    }

    private int Zeros(string instrument) => _probe.All(instrument).Count(static s => s.Value == 0);

    [GeneratedRegex(@"^\| (`.*?) \| ", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Name();

    [GeneratedRegex("""(?:(?:LimitHit|TimeOut|AwaitClient|_met)\((?:[A-Za-z_.]+ \? )?|Limit\(|Refusal \w+ = new\()"(?<name>[a-z_]+)""")]
    private static partial Regex Counted();
}
