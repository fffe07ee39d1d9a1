using System.Net;
using System.Text.Json.Nodes;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Tests.Rehearsals;

/// <summary>The API of a proxy that says what a test has it say.</summary>
internal sealed class StubProxyApi : IProxyApi
{
    /// <summary>Sessions that ended.</summary>
    public List<string> Ended { get; } = [];

    /// <summary>Of those the ones that are no longer kept.</summary>
    public HashSet<string> Gone { get; } = [];

    /// <summary>Sessions that are neither listed as open nor as ended yet.</summary>
    public int Between { get; set; }

    /// <summary>Sessions since its start; those of <see cref="Ended"/> unless set.</summary>
    public int? Taken { get; set; }

    /// <summary>Rules that are armed.</summary>
    public List<string> Rules { get; } = [];

    /// <summary>Rules that cannot be removed.</summary>
    public HashSet<string> Stuck { get; } = [];

    /// <summary>Each thing that was asked for.</summary>
    public List<string> Orders { get; } = [];

    /// <summary>Alerts that fire.</summary>
    public List<string> Alerts { get; } = [];

    /// <summary>Called before each order.</summary>
    public Action<string>? OnOrder { get; set; }

    public Task<string> GetTextAsync(string path)
    {
        if (path == "faults/status")
        {
            return Task.FromResult(new JsonObject
            {
                ["seed"] = "7",
                ["rules"] =
                    new JsonArray([.. Rules.Select(static r => new JsonObject { ["id"] = r, ["expiresAt"] = "2026-03-01T12:00:00Z" })]),
            }.ToJsonString());
        }

        if (path.StartsWith("sessions?", StringComparison.Ordinal))
        {
            var listed = Ended.Select(static (id, n) => new JsonObject { ["session"] = id, ["number"] = n + 1, ["live"] = false })
                .Reverse();
            return Task.FromResult(new JsonObject
            {
                ["store"] = new JsonObject { ["taken"] = Taken ?? Ended.Count, ["skipped"] = 0 },
                ["sessions"] = new JsonArray([.. listed]),
            }.ToJsonString());
        }

        var session = path["sessions/".Length..];
        return Gone.Contains(session) ? throw new HttpRequestException("gone", null, HttpStatusCode.NotFound)
            : Task.FromResult($$"""{"session":"{{session}}","started_unix":1000,"duration_ms":1,"outcome":"quit","exchanges":[]}""");
    }

    public Task PutAsync(string path, JsonObject body) => Order($"PUT {path}");

    public Task PostAsync(string path, JsonObject body) => Order($"POST {path}");

    public Task DeleteAsync(string path) =>
        Stuck.Contains(path.Split('/')[^1]) ? throw new HttpRequestException("refused") : Order($"DELETE {path}");

    public Task<string> MetricsAsync() => Task.FromResult(
        $"smtpproxy_active_sessions{{l=\"a\"}} {Between}\nsmtpproxy_sessions_total{{l=\"a\"}} {Taken ?? Ended.Count}\n");

    public Task<IReadOnlyCollection<string>?> AlertsAsync(Uri prometheus) => Task.FromResult<IReadOnlyCollection<string>?>([.. Alerts]);

    private Task Order(string order)
    {
        OnOrder?.Invoke(order);
        Orders.Add(order);
        return Task.CompletedTask;
    }
}
