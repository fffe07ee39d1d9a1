using System.Text.Json;

namespace SmtpProxy.Rehearsals.Observed;

/// <summary>A session as <c>/api/v1/sessions/{id}</c> has it.</summary>
internal sealed class SeenSession
{
    private SeenSession(JsonElement json)
    {
        Json = json;
        Began = json.NumberOf("started_unix") ?? 0;
        Ended = Began + ((json.NumberOf("duration_ms") ?? 0) / 1000);
        Exchanges = [.. Read(json)];
        Faults = [.. json.ListOf("faults").Select(static f => new SeenFault(
            f.TextOf("rule"), f.TextOf("action"), f.TextOf("point"), f.CodeOf("client_code"), f.CodeOf("relay_code")))];
        // While a session is open, what has no reply yet has one to come.
        Tries = [.. TryReader.Read(json, this).Where(t => !IsOpen || t.End != TryEnd.Cut)];
    }

    /// <summary>All of it, for a waterfall.</summary>
    public JsonElement Json { get; }

    /// <summary>Its name.</summary>
    public string Id => Json.TextOf("session") ?? "";

    /// <summary>Whether it goes on.</summary>
    public bool IsOpen => Json.TryGetProperty("live", out var live) && live.ValueKind == JsonValueKind.True;

    /// <summary>Unix time in seconds.</summary>
    public double Began { get; }

    /// <summary>Unix time in seconds; of an open one: now.</summary>
    public double Ended { get; }

    /// <summary>The listener.</summary>
    public string? Listener => Json.TextOf("listener");

    /// <summary>The client's address with its port.</summary>
    public string? Client => Json.TextOf("client");

    /// <summary>The relay that it went to.</summary>
    public string? Destination => Json.TextOf("destination");

    /// <summary>How it ended; null while it goes on.</summary>
    public string? Outcome => Json.TextOf("outcome");

    /// <summary>What was wrong, by its code; null: nothing.</summary>
    public string? Diagnosis => Json.TryGetProperty("diagnosis", out var diagnosis) && diagnosis.ValueKind == JsonValueKind.Object
        ? diagnosis.TextOf("code") : null;

    /// <summary>Whether the client spoke TLS.</summary>
    public bool IsSecure => Json.TextOf("tls") is "starttls" or "implicit";

    /// <summary>Whether it could not be followed to its end: who knows what was sent in it.</summary>
    public bool IsOpaque => Json.TextOf("mode") == "opaque";

    /// <summary>What was said of mail, or of passwords, before there was TLS; null: nothing.</summary>
    public SeenExchange? InTheClear => Exchanges.Take(!IsSecure ? int.MaxValue : Json.TextOf("tls") == "implicit" ? 0
            : Math.Max(0, Exchanges.ToList().FindIndex(static e => e is { Verb: "STARTTLS", Code: >= 200 and < 300 })))
        .FirstOrDefault(static e => e.Verb is "AUTH" or "MAIL");

    /// <summary>The greeting and all commands.</summary>
    public IReadOnlyList<SeenExchange> Exchanges { get; }

    /// <summary>Faults that struck.</summary>
    public IReadOnlyList<SeenFault> Faults { get; }

    /// <summary>What its client tried to send.</summary>
    public IReadOnlyList<SeenTry> Tries { get; }

    /// <summary>Whether it failed, by a fault or without one.</summary>
    public bool IsBad => Diagnosis is not null || Tries.Any(static t => t.End != TryEnd.Accepted);

    /// <summary>How long its client waited for a reply that did not come, in seconds: from the last thing that it said, or from the
    /// start, to its end, and never less than nothing, though times are rounded; null: it did not wait when it left.</summary>
    public double? WaitedInVain => Exchanges.Any(static e => e.Code is null)
        // Many clients leave without QUIT when their mail was taken.
        || (Outcome is "client_gone" or "client_reset" or "aborted" && Tries.All(static t => t.End != TryEnd.Accepted))
        ? Math.Max(0, Ended - Began - ((Exchanges.LastOrDefault(static e => e.Code is null)?.AtMs ?? Answered()) / 1000)) : null;

    /// <summary>Reads one.</summary>
    public static SeenSession Of(JsonElement json) => new(json);

    /// <summary>When the last reply had come, in milliseconds from the start.</summary>
    private double Answered() => Exchanges.Select(static e => e.EndMs).DefaultIfEmpty(0).Max();

    private static IEnumerable<SeenExchange> Read(JsonElement json)
    {
        if (json.TryGetProperty("greeting", out var greeting) && greeting.ValueKind == JsonValueKind.Object)
        {
            yield return Exchange("greeting", greeting);
        }

        foreach (var exchange in json.ListOf("exchanges"))
        {
            yield return Exchange(exchange.TextOf("verb") ?? "", exchange);
        }
    }

    private static SeenExchange Exchange(string verb, JsonElement json) =>
        new(verb, json.CodeOf("code"), json.NumberOf("at_ms") ?? 0, json.NumberOf("ms"),
            json.NumberOf("end_ms") ?? ((json.NumberOf("at_ms") ?? 0) + (json.NumberOf("ms") ?? 0)));
}
