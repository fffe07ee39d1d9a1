using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Fleet;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Tests.Telemetry;

/// <summary>docs/telemetry.md names what there is: no instrument more or less, with its kind, unit and attributes.</summary>
public sealed partial class DocumentationTests : IUpstreamStates
{
    private static readonly string Documentation = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Telemetry", "telemetry.md"));

    IEnumerable<UpstreamState> IUpstreamStates.Current() => [];

    [Fact]
    public void Instruments_AreThoseDocumented()
    {
        using var meter = new Meter(Instruments.MeterName);
        var published = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (i, _) =>
            {
                if (ReferenceEquals(i.Meter, meter))
                {
                    published.Add($"{i.Name} {Kind(i)}{(i.Unit is null ? "" : ", " + i.Unit)}");
                }
            },
        };
        listener.Start();
        _ = new Instruments(meter);
        _ = new ProcessGauges(meter, this, TimeProvider.System);
        _ = new TlsInstruments(meter, null, TimeProvider.System);
        _ = new OpenSessions(meter, TimeProvider.System);
        new ExportCounts().Publish(meter);
        new FaultInstruments(meter).Observe(static () => []);
        _ = new FleetInstruments(meter, static () => true, static () => 1, static () => 1, static () => 1);
        var documented = InstrumentRow().Matches(Documentation).Select(m => $"{m.Groups[1].Value} {m.Groups[2].Value}");
        Assert.Equal(documented.Select(d => d.Replace(", from 10 µs", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            published.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void JournalFields_AreAllExplained()
    {
        using var talk = new Conversation(maxEntries: 1);
        var line = talk.Greet().Deliver().Over().Line();
        var names = line.EnumerateObject().Concat(line.GetProperty("transactions")[0].EnumerateObject()).Select(p => p.Name).Distinct();
        Assert.Equal([], names.Where(n => !Documentation.Contains($"`{n}`", StringComparison.Ordinal)
            && !Documentation.Contains($"`{n}[]", StringComparison.Ordinal)));
    }

    private static string Kind(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Histogram" => "histogram",
        "Counter" or "ObservableCounter" => "counter",
        "UpDownCounter" => "up-down counter",
        _ => "gauge",
    };

    [GeneratedRegex(@"^\| `(smtpproxy\.[a-z_.]+)` \| ((?:histogram|counter|up-down counter|gauge)[^|]*?) \|", RegexOptions.Multiline)]
    private static partial Regex InstrumentRow();
}
