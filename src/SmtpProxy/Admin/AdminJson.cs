using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Admin.Sightings;
using SmtpProxy.Codes;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin;

/// <summary>How relays and codes are written; see <see cref="RequestsJson"/>.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<RelayView>))]
[JsonSerializable(typeof(IReadOnlyList<RelayOffer>))]
[JsonSerializable(typeof(IReadOnlyList<JsonObject>))]
[JsonSerializable(typeof(CodeAnswer))]
[JsonSerializable(typeof(WholeCatalogue))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    /// <summary>As it is sent.</summary>
    public static AdminJson Sent { get; } = new(RequestsJson.Readable());
}
