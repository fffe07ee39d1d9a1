using System.Text.Json;
using System.Text.Json.Nodes;
using SmtpProxy.Cli.Output;

namespace SmtpProxy.Cli.Faults;

/// <summary>What came over HTTP, for a terminal: names and reasons in it may be anybody's.</summary>
internal static class PrintableJson
{
    /// <summary>The same, with every text in it printable.</summary>
    public static JsonNode Of(JsonNode answer) => Copy(answer)!;

    private static JsonNode? Copy(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(static m => KeyValuePair.Create(Printable.Of(m.Key), Copy(m.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Copy)]),
        // What is printable stays the value that was read, which can still be asked for as a time.
        JsonValue value when value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is var text
            && Printable.Of(text) is var clean && clean != text =>
            JsonValue.Create(clean),
        _ => node?.DeepClone(),
    };
}
