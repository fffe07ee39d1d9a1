using System.Globalization;
using System.Net;
using System.Text.Json;

namespace SmtpProxy.Rehearsals.Observed;

/// <summary>Looks at the sessions of a proxy again and again, from a moment on.</summary>
internal sealed class Observer
{
    private const int PageSize = 500;
    private static readonly Dictionary<string, string> NoLabels = [];
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    /// <summary>The last connection of a client may be accepted after the client is gone: on a busy machine some time after.</summary>
    private static readonly TimeSpan Uncounted = TimeSpan.FromMilliseconds(450);
    private readonly IProxyApi _api;
    private readonly Func<SeenSession, bool> _isWanted;
    private readonly TimeProvider _time;
    private readonly Uri? _prometheus;
    private readonly bool _needsMetrics;
    private readonly HashSet<string> _before = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SeenSession> _ended = new(StringComparer.Ordinal);
    private List<SeenSession> _open = [];
    private Observation _seen = new();
    private long _last;
    private long _skippedBefore;
    private long _skipped;
    private long _taken;
    private long _gone;
    private int _calm;
    private DateTimeOffset _changed;
    private DateTimeOffset? _over;

    private Observer(IProxyApi api, Func<SeenSession, bool> isWanted, TimeProvider time, bool needsMetrics, Uri? prometheus) =>
        (_api, _isWanted, _time, _needsMetrics, _prometheus) = (api, isWanted, time, needsMetrics, prometheus);

    /// <summary>Whether all that ended has been looked at, and nothing is open. What the client did last is looked at too, however long
    /// it was silent before: silence counts from when it was done.</summary>
    public bool IsSettled => _open.Count == 0
        && ((_calm >= 2 && _time.GetUtcNow() - _over > Uncounted)
            || (_time.GetUtcNow() - _changed > Silence && _time.GetUtcNow() - _over > Silence));

    /// <summary>Begins: sessions that are open now, or ended before, do not count.</summary>
    public static async Task<Observer> BeginAsync(IProxyApi api, Func<SeenSession, bool> isWanted, TimeProvider time, bool needsMetrics,
        Uri? prometheus)
    {
        var observer = new Observer(api, isWanted, time, needsMetrics, prometheus);
        using var first = await observer.PageAsync(null).ConfigureAwait(false);
        var store = first.RootElement.GetProperty("store");
        if (store.TryGetProperty("enabled", out var isOn) && isOn.ValueKind == JsonValueKind.False)
        {
            throw new InvalidOperationException("the proxy keeps no sessions to look at; set SmtpProxy:Live:Enabled to true");
        }

        observer._last = (long)(store.NumberOf("taken") ?? 0);
        observer._taken = observer._last;
        observer._skippedBefore = observer._skipped = (long)(store.NumberOf("skipped") ?? 0);
        foreach (var session in first.RootElement.ListOf("sessions").Where(IsLive))
        {
            observer._before.Add(session.TextOf("session") ?? "");
        }

        var now = time.GetUtcNow();
        observer._changed = now;
        observer._seen = new Observation
        {
            Began = Unix(now),
            AlertsThen = prometheus is null ? null : await api.AlertsAsync(prometheus).ConfigureAwait(false),
            MetricsThen = needsMetrics ? MetricsReading.Of(await api.MetricsAsync().ConfigureAwait(false)) : MetricsReading.None,
        };
        return observer;
    }

    /// <summary>Looks once more.</summary>
    /// <param name="isOver">Whether the client is done, so that it matters whether everything has been seen.</param>
    public async Task LookAsync(bool isOver)
    {
        _over = isOver ? _over ?? _time.GetUtcNow() : null;
        var metrics = _needsMetrics || isOver ? MetricsReading.Of(await _api.MetricsAsync().ConfigureAwait(false)) : MetricsReading.None;
        var alerts = _prometheus is null ? null : await _api.AlertsAsync(_prometheus).ConfigureAwait(false);
        var before = _ended.Count;
        var taken = await ReadAsync().ConfigureAwait(false);
        if (_ended.Count != before || _open.Count > 0)
        {
            (_calm, _changed) = (0, _time.GetUtcNow());
        }

        // A session that ends is counted before it is no longer active.
        var (ended, active) = (metrics.Sum("smtpproxy_sessions_total", NoLabels), metrics.Sum("smtpproxy_active_sessions", NoLabels));
        _calm = isOver && active <= 0 && taken + _skipped >= ended ? _calm + 1 : 0;
        _seen = _seen with { MetricsNow = metrics, Alerts = alerts };
    }

    /// <summary>All that has been seen.</summary>
    public Observation Seen(int? messages, int? exitCode)
    {
        var sessions = _ended.Values.Concat(_open).OrderBy(static s => s.Began).ToList();
        return _seen with
        {
            Sessions = sessions,
            // The clock of a proxy elsewhere may go behind ours.
            Began = sessions.Count > 0 ? Math.Min(_seen.Began, sessions[0].Began) : _seen.Began,
            Now = Unix(_time.GetUtcNow()),
            Messages = messages,
            ExitCode = exitCode,
            Missed = _skipped - _skippedBefore + _gone,
        };
    }

    private static double Unix(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds() / 1000.0;

    private static bool IsLive(JsonElement session) => session.TryGetProperty("live", out var live) && live.ValueKind == JsonValueKind.True;

    private async Task<JsonDocument> PageAsync(string? cursor) => JsonDocument.Parse(await _api.GetTextAsync(
        string.Create(CultureInfo.InvariantCulture, $"sessions?limit={PageSize}") +
        (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")).ConfigureAwait(false));

    /// <summary>Reads what is new. Returns how many sessions the proxy has kept since its start.</summary>
    private async Task<long> ReadAsync()
    {
        var (open, ended, last, taken, cursor) = (new List<string>(), new List<string>(), _last, 0L, (string?)null);
        do
        {
            using var page = await PageAsync(cursor).ConfigureAwait(false);
            var store = page.RootElement.GetProperty("store");
            (taken, _skipped) = ((long)(store.NumberOf("taken") ?? 0), (long)(store.NumberOf("skipped") ?? 0));
            var isKnown = false;
            foreach (var session in page.RootElement.ListOf("sessions"))
            {
                var (id, number) = (session.TextOf("session") ?? "", (long)(session.NumberOf("number") ?? 0));
                isKnown |= number > 0 && number <= _last;
                if (IsLive(session))
                {
                    open.Add(id);
                }
                else if (number > _last)
                {
                    ended.Add(id);
                    last = Math.Max(last, number);
                }
            }

            cursor = isKnown ? null : page.RootElement.TextOf("next");
        }
        while (cursor is not null);
        if (taken < _taken)
        {
            throw new InvalidOperationException("the proxy was restarted meanwhile: what it had seen, and its faults, are gone");
        }

        _taken = taken;
        foreach (var id in ended.Where(id => !_before.Contains(id)))
        {
            var (isKept, session) = await OneAsync(id).ConfigureAwait(false);
            _gone += isKept ? 0 : 1;
            if (session is not null)
            {
                _ended[id] = session;
            }
        }

        var now = new List<SeenSession>();
        foreach (var id in open.Where(id => !_before.Contains(id) && !_ended.ContainsKey(id)))
        {
            // One that is gone has ended meanwhile, and the next look finds it among the others.
            if (await OneAsync(id).ConfigureAwait(false) is { Session: { IsOpen: true } session })
            {
                now.Add(session);
            }
        }

        (_open, _last) = (now, last);
        return taken;
    }

    private async Task<(bool IsKept, SeenSession? Session)> OneAsync(string id)
    {
        try
        {
            var session = SeenSession.Of(JsonElement.Parse(
                await _api.GetTextAsync($"sessions/{Uri.EscapeDataString(id)}").ConfigureAwait(false)));
            return (true, _isWanted(session) ? session : null);
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return (false, null);
        }
    }
}
