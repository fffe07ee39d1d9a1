using System.Text.Json;
using System.Text.Json.Serialization;
using SmtpProxy.Admin.Fleet;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Codes;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin;

/// <summary>How what the HTTP side says is written, made by the compiler: what is found out by reflection is found out at each start. A
/// type that is missing here is still written, by reflection; in native code only if its constructor takes no structures.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ReadyAnswer))]
[JsonSerializable(typeof(NotReadyAnswer))]
[JsonSerializable(typeof(RelayView[]))]
[JsonSerializable(typeof(IReadOnlyList<RelayView>))]
[JsonSerializable(typeof(IReadOnlyList<RelayOffer>))]
[JsonSerializable(typeof(CodeAnswer))]
[JsonSerializable(typeof(FleetAnswer))]
[JsonSerializable(typeof(string))]
internal sealed partial class AdminJson : JsonSerializerContext;
