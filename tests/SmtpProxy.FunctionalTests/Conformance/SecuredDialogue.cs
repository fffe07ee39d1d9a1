using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SmtpProxy.FunctionalTests.Conformance;

/// <summary>A recorded dialogue as it is inside TLS that ends at the listener.</summary>
public sealed class SecuredDialogue
{
    /// <summary>What the client says in the clear to get TLS.</summary>
    public const string Preface = "EHLO clear.example\r\n";

    /// <summary>What the relay answers to that.</summary>
    public const string PrefaceReply = "250-relay.example\r\n250 SIZE\r\n";

    /// <summary>The client asks for TLS.</summary>
    public const string AskForTls = "STARTTLS\r\n";

    private const string Offer = "STARTTLS";

    private SecuredDialogue(IReadOnlyList<Act> clear, IReadOnlyList<Act> inside, JsonObject? expected) =>
        (Clear, Inside, Expected) = (clear, inside, expected);

    /// <summary>The relay's greeting, where it comes before TLS.</summary>
    public IReadOnlyList<Act> Clear { get; }

    /// <summary>What happens inside TLS.</summary>
    public IReadOnlyList<Act> Inside { get; }

    /// <summary>The record; null where it may be another.</summary>
    public JsonObject? Expected { get; }

    /// <summary>Reads it.</summary>
    public static async Task<SecuredDialogue> ReadAsync(string name, bool isStartTls)
    {
        var expected = JsonNode.Parse(await File.ReadAllBytesAsync(RecordedDialogues.PathOf(name)))!["expect"]!.AsObject();
        var events = EventsOf(name);
        if (!expected["capabilities"]!.AsArray().Any(static c => c!.GetValue<string>() == Offer))
        {
            // The relay does not offer it, or in a dialogue that is not followed.
            events = [.. events.Select(static e => e with { Shown = e.Text })];
        }

        var clear = isStartTls ? events.TakeWhile(static e => !e.IsClients).Count() : 0;
        return new SecuredDialogue(events[..clear], events[clear..],
            expected.ContainsKey("ambiguous") ? null : Expect(expected, isStartTls));
    }

    /// <summary>What happens in a recorded dialogue, one after the other.</summary>
    internal static Act[] EventsOf(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(RecordedDialogues.PathOf(name)));
        return [.. document.RootElement.GetProperty("events").EnumerateArray().Select(static e => new Act(
            e.GetProperty("from").GetString() == "client",
            e.TryGetProperty("data_b64", out var data) ? Encoding.Latin1.GetString(data.GetBytesFromBase64()) : "",
            e.TryGetProperty("op", out var op) ? op.GetString() : null))];
    }

    /// <summary>TLS is what the listener makes of it, STARTTLS is not offered inside it (RFC 3207, section 4.2), and where it was begun by
    /// STARTTLS the record has that too.</summary>
    private static JsonObject Expect(JsonObject expected, bool isStartTls)
    {
        expected["tls"] = isStartTls ? "starttls" : "implicit";
        var capabilities = expected["capabilities"]!.AsArray();
        var exchanges = expected["exchanges"]!.AsArray();
        if (capabilities.FirstOrDefault(static c => c!.GetValue<string>() == Offer) is { } offer)
        {
            capabilities.Remove(offer);
            foreach (var hello in exchanges.Where(static e => e!["verb"]!.GetValue<string>() is "EHLO" or "LHLO"
                && e["code"]!.GetValue<int>() == 250))
            {
                hello!["lines"] = hello["lines"]!.GetValue<int>() - 1;
            }
        }

        if (isStartTls)
        {
            exchanges.Insert(0, Exchange("EHLO", 250, 3));
            exchanges.Insert(1, Exchange("STARTTLS", 220, 1));
            expected["client_octets"] = expected["client_octets"]!.GetValue<long>() + Preface.Length + AskForTls.Length;
            expected["server_octets"] = expected["server_octets"]!.GetValue<long>() + PrefaceReply.Length;
            expected["protocol"] = expected["protocol"]!.GetValue<string>() is "unknown" ? "smtp" : expected["protocol"]!.DeepClone();
        }

        return expected;
    }

    private static JsonObject Exchange(string verb, int code, int lines) =>
        new() { ["verb"] = verb, ["code"] = code, ["lines"] = lines, ["pipelined"] = false };

    /// <summary>Octets of one side, or its end.</summary>
    /// <param name="IsClients">It is the client's.</param>
    /// <param name="Text">The octets, a character each.</param>
    /// <param name="Op">How it ends; null: it does not.</param>
    public sealed record Act(bool IsClients, string Text, string? Op)
    {
        /// <summary>What the other side gets of it inside TLS: a reply to EHLO does not offer STARTTLS, and ends in a
        /// last line all the same.</summary>
        public string Shown { get; init; } = IsClients ? Text : WithoutOffer(Text);

        /// <summary>It ends inside a reply such as that to EHLO, whose lines wait for what comes after them: any may
        /// have to become the last.</summary>
        public bool MayBeLate { get; } = !IsClients && Text.EndsWith('\n')
            && Text.AsSpan(Text.TrimEnd('\n').LastIndexOf('\n') + 1).StartsWith("250-", StringComparison.Ordinal);

        private static string WithoutOffer(string text)
        {
            text = text.Replace("250-STARTTLS\r\n", "", StringComparison.Ordinal);
            var last = text.IndexOf("250 STARTTLS\r\n", StringComparison.Ordinal);
            if (last < 0)
            {
                return text;
            }

            var before = text.LastIndexOf("250-", last, StringComparison.Ordinal);
            return text[..before] + "250 " + text[(before + 4)..last] + text[(last + "250 STARTTLS\r\n".Length)..];
        }
    }
}
