using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Codes;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Live;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Sessions;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin.Sightings;

/// <summary><c>/api/v1/now</c>: is mail flowing, and if not, who is it. Made at most once a second, whoever asks. Thread-safe.</summary>
internal sealed class NowView(IServiceProvider services, TotalsWatch totals, OpenSessions open, TimeProvider time)
{
    private const int MostWaiting = 20;
    private const int MostRefusals = 20;
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(900);
    private readonly Lock _lock = new();
    private string? _text;
    private long _at;

    /// <summary>The answer as JSON, in one line.</summary>
    public string Text()
    {
        lock (_lock)
        {
            if (_text is null || Stopwatch.GetElapsedTime(_at) > Fresh)
            {
                (_text, _at) = (JsonSerializer.Serialize(Make(), SightingApiJson.Default.NowAnswer), Stopwatch.GetTimestamp());
            }

            return _text;
        }
    }

    private NowAnswer Make()
    {
        var (now, lately, seconds) = totals.Lately();
        var (readiness, relays) = (services.GetRequiredService<Readiness>(), services.Relays().ToList());
        var faults = services.GetRequiredService<FaultEngine>().Status();
        var store = StoreView.Of(services);
        var waits = open.Now();
        return new NowAnswer(
            time.GetUtcNow(), ProductVersion.Text, totals.Started, readiness.Reason is null, readiness.Reason,
            (int)TotalsWatch.Window.TotalSeconds,
            FlowView.Of(readiness.Reason, lately, seconds, relays),
            new SessionRates(store.Open, Rate(lately.Sessions, seconds), lately.Sessions),
            MessageCounts.Of(lately, Rate(lately.Messages[(int)Verdict.Accepted], seconds)),
            new TotalCounts(now.Sessions, MessageCounts.Of(now, null)),
            PhaseView.All(lately.TimesOf),
            Refusals(lately),
            Owners(lately.Time),
            new UnseenView(lately.Sessions == 0 ? null : Math.Round((double)lately.Unseen / lately.Sessions, 4), lately.Unseen,
                lately.Sessions),
            new FaultsView(faults.Enabled, faults.Rules.Count(static r => r.Armed), faults.Halted is not null,
                [.. faults.Rules.Where(static r => r.Armed).Select(static r => r.Id)]),
            new RelaysView(relays.Count(static r => r.Up), relays.Count,
                [.. relays.Where(static r => !r.Up).Select(static r => $"{r.Cluster}/{r.Destination}").Distinct()]),
            [.. relays.Where(static r => r.Discards).Select(static r => r.Cluster).Distinct()],
            WaitingSessions.Longest(open, MostWaiting),
            [.. waits.OrderByDescending(static w => w.Oldest).Select(static w => new WaitGroup(
                WaitingFor.NameOf(w.Group.What), w.Group.Way.Listener, w.Group.Way.Cluster, w.Group.Way.Destination, w.Count,
                Math.Round(Math.Max(0, w.Oldest.TotalMilliseconds), 3)))],
            new HistoryView((int)TotalsWatch.Step.TotalSeconds, totals.History()),
            store);
    }

    private static double Rate(long count, double seconds) => Math.Round(count / seconds, 3);

    private static OwnerShares? Owners(long[] time) => time.Sum() is > 0 and var all
        ? new OwnerShares(Share(time[(int)Owner.Client], all), Share(time[(int)Owner.Relay], all), Share(time[(int)Owner.Proxy], all))
        : null;

    private static double Share(long part, long all) => Math.Round((double)part / all, 4);

    private static List<RefusalCount> Refusals(Totals lately) => lately.Refusals
        .GroupBy(static refusal => (refusal.Key.Code, refusal.Key.Operation, refusal.Key.Origin))
        .Select(static same => new RefusalCount(
            same.Key.Code, WireNames.Of(same.Key.Operation), AttributeValues.Of(same.Key.Origin), same.Sum(static r => r.Value),
            [.. same.Select(static r => r.Key.Destination).Distinct().Order(StringComparer.Ordinal)], Catalogue.Reply(same.Key.Code)?.Name,
            Catalogue.Reply(same.Key.Code)?.Meaning))
        .OrderByDescending(static refusal => refusal.Count).ThenBy(static refusal => refusal.Code).Take(MostRefusals).ToList();
}
