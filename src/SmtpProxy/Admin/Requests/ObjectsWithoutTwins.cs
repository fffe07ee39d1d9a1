using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace SmtpProxy.Admin.Requests;

/// <summary>Refuses an object that names a member twice, as the broken JSON that it is (RFC 8259 4): which of the two counts is nothing to
/// guess at. .NET's own reader of such objects throws what looks like a fault of ours.</summary>
internal sealed class ObjectsWithoutTwins : JsonConverter<JsonObject>
{
    private static readonly PlainJson Plain =
        new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { AllowDuplicateProperties = false });

    public override JsonObject? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return JsonSerializer.Deserialize(ref reader, Plain.JsonObject);
        }
        catch (ArgumentException e)
        {
            throw new JsonException("An object names a member twice.", e);
        }
    }

    public override void Write(Utf8JsonWriter writer, JsonObject value, JsonSerializerOptions options) => value.WriteTo(writer, options);
}

/// <summary>How any object is read, made by the compiler.</summary>
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class PlainJson : JsonSerializerContext;
