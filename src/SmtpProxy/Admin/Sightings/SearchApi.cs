using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using SmtpProxy.Live;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Telemetry.Records;
using SmtpProxy.Telemetry.Tracing;

namespace SmtpProxy.Admin.Sightings;

/// <summary><c>/api/v1/search</c>: who refused a message, when and why, by what somebody knows of it.</summary>
internal static class SearchApi
{
    private const int Longest = 400;
    private const int MostOfAPage = 500;
    private static readonly string[] Kinds = ["session", "queue_id", "message_id", "address", "client"];

    /// <summary>Maps it.</summary>
    public static void MapSearch(this RouteGroupBuilder own) =>
        own.MapGet("/api/v1/search", Search).Produces<SearchAnswer>().ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable).WithMetadata(QueryFields.OfSearch, Requests.ServedToFleet.Mark)
            .WithTags("sessions")
            .WithSummary("Sessions by queue id, Message-ID, address, client or session id");

    private static IResult Search(HttpRequest request, IServiceProvider services, LivePrivacy privacy, IOptions<TelemetryOptions> telemetry,
        string? q = null, int limit = 50)
    {
        if (services.GetService<SightingStore>() is not { } store)
        {
            return SightingAnswers.Off;
        }

        var kinds = request.Query["in"]
            .SelectMany(static v => v?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? []).ToList();
        if (q?.Trim() is not { Length: > 0 and <= Longest } term)
        {
            return SightingAnswers.Wrong($"q: say what to search for, in at most {Longest} characters.");
        }

        if (limit is < 1 or > MostOfAPage || kinds.Except(Kinds).Any())
        {
            return SightingAnswers.Wrong($"limit is between 1 and {MostOfAPage}, and in is some of {string.Join(", ", Kinds)}.");
        }

        var matches = Matches(term, privacy.Filter, kinds.Count == 0 ? Kinds : kinds);
        var answer = new StringBuilder("{\"query\":").Append(JsonSerializer.Serialize(term, SightingApiJson.Default.String))
            .Append(",\"hits\":[");
        var hits = services.GetRequiredService<LiveSessions>().Newest().Concat(store.Before())
            .Select(s => (Session: s, In: matches.FirstOrDefault(m => m.Is(s.Facts)).Kind)).Where(static h => h.In is not null).Take(limit);
        answer.AppendJoin(',', hits.Select(static h =>
            string.Create(CultureInfo.InvariantCulture, $"{{\"in\":\"{h.In}\",\"session\":{h.Session.Summary}}}")));
        answer.Append("],\"notes\":").Append(JsonSerializer.Serialize(Notes(privacy.Filter, telemetry.Value),
            SightingApiJson.Default.IReadOnlyListString));
        answer.Append(",\"store\":").Append(JsonSerializer.Serialize(StoreView.Of(services), SightingApiJson.Default.StoreView))
            .Append('}');
        return Results.Text(answer.ToString(), "application/json");
    }

    private static List<(string Kind, Func<SightingFacts, bool> Is)> Matches(string term, AddressFilter privacy,
        IReadOnlyCollection<string> kinds)
    {
        var matches = new List<(string Kind, Func<SightingFacts, bool> Is)>();
        void Add(string kind, Func<SightingFacts, bool> matching)
        {
            if (kinds.Contains(kind))
            {
                matches.Add((kind, matching));
            }
        }

        Add("session", f => f.Id.Equals(term, StringComparison.OrdinalIgnoreCase));
        Add("queue_id", f => Has(f.QueueIds, term));
        var bare = term.Trim('<', '>');
        Add("message_id", f => Has(f.MessageIds, term) || Has(f.MessageIds, bare) || Has(f.MessageIds, $"<{bare}>"));
        // An address is shown as the level lets it, and what is looked for is looked for as it would be shown.
        if (privacy.Apply(Encoding.UTF8.GetBytes(bare)) is { Length: > 0 } shown)
        {
            var (address, domain) = (WireText.Of(shown), bare.Contains('@') ? null : $"@{bare}");
            Add("address", f => Has(f.Addresses, address) || Has(f.Addresses, bare)
                || (domain is not null && f.Addresses.Any(a => a.EndsWith(domain, StringComparison.OrdinalIgnoreCase))));
        }
        else
        {
            Add("address", f => Has(f.Addresses, bare));
        }

        var network = SightingQuery.Network(term);
        Add("client", f => f.ClientText == term || (network is { } its && f.Client is { } client && its.Contains(client)));
        return matches;
    }

    private static bool Has(IReadOnlyList<string> names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static List<string> Notes(AddressFilter privacy, TelemetryOptions telemetry)
    {
        var notes = new List<string>();
        if (!telemetry.ReadMessageId)
        {
            notes.Add("Message-IDs are not read: SmtpProxy:Telemetry:ReadMessageId is false.");
        }

        if (!privacy.Shows)
        {
            notes.Add("Addresses are not kept: SmtpProxy:Privacy:Addresses is none.");
        }

        return notes;
    }
}
