using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Shared;
using SmtpProxy.Tests.Telemetry;

namespace SmtpProxy.Tests.Faults;

/// <summary>An engine of its own, with a clock that stands still.</summary>
internal sealed class FaultRig : IDisposable, ILogger<FaultEngine>
{
    /// <summary>Everything is allowed.</summary>
    public static readonly FaultsOptions Bold = new()
    {
        Enabled = true, Seed = 20261123, AllowDuplicateRisk = true, AllowLossRisk = true, AllowSecurityProbes = true,
    };

    private readonly Meter _meter = new("faults");
    private int _sessions;

    public FaultRig(FaultsOptions? options = null, IFaultFleet? fleet = null)
    {
        Options = options ?? Bold;
        Metrics = new MetricsProbe(_meter);
        Engine = new FaultEngine(() => Options, new FaultInstruments(_meter), Time, this, fleet);
    }

    public FaultsOptions Options { get; set; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    public MetricsProbe Metrics { get; }

    public FaultEngine Engine { get; }

    public List<string> Logged { get; } = [];

    /// <summary>Reads JSON; single quotes stand for double ones.</summary>
    public static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text.Replace('\'', '"'))!;

    /// <summary>The same as a configuration section.</summary>
    public static IConfigurationSection Section(string text)
    {
        var json = new JsonObject { ["it"] = Json(text) }.ToJsonString();
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
        return new ConfigurationBuilder().AddJsonStream(stream).Build().GetSection("it");
    }

    public static FaultFacts Facts(string session = "s1", string client = "192.0.2.1") => new()
    {
        Session = session, Listener = "submission", Cluster = "relays", Client = IPAddress.Parse(client),
    };

    /// <summary>Puts a rule that lives for an hour; it must be accepted.</summary>
    public void Put(string id, string text)
    {
        var rule = Json(text);
        rule["ttl"] ??= "01:00:00";
        var change = Engine.Rules.Put(id, rule);
        Assert.True(change.Kind == RuleChangeKind.Done, string.Join("; ", change.Errors));
    }

    /// <summary>What is wrong with a rule.</summary>
    public IReadOnlyList<RuleError> Refused(string text)
    {
        var change = Engine.Rules.Put("it", Json(text));
        Assert.Equal(RuleChangeKind.Refused, change.Kind);
        return change.Errors;
    }

    /// <summary>A session of a client.</summary>
    public (ISessionFaults Faults, FaultFacts Facts) Session(string client = "192.0.2.1", string? from = null, string? to = null)
    {
        var facts = Facts($"s{++_sessions}", client);
        var faults = Engine.Open(facts);
        (facts.MailFrom, facts.RcptTo, facts.FirstRcptTo) = (from, to, to);
        return (faults, facts);
    }

    /// <summary>Whether anything strikes a new session at a point; what does is over at once.</summary>
    public bool Strikes(FaultPoint point, string client = "192.0.2.1", string? from = null, string? to = null)
    {
        var (faults, facts) = Session(client, from, to);
        var strike = faults.OnCommand(point, facts);
        strike?.Injections.ForEach(static i => i.Done());
        return strike is not null;
    }

    /// <summary>Which of the next occasions are struck, as text: x or a dot for each.</summary>
    public string Pattern(int times, FaultPoint point = FaultPoint.Mail, string client = "192.0.2.1") =>
        string.Concat(Enumerable.Range(0, times).Select(_ => Strikes(point, client) ? 'x' : '.'));

    public void Dispose()
    {
        Metrics.Dispose();
        _meter.Dispose();
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        Logged.Add($"{eventId.Id} {formatter(state, exception)}");

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;
}
