using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Presets;

namespace SmtpProxy.Admin.Faults;

/// <summary>How what is said and heard about faults is written; see <see cref="RequestsJson"/>.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(FaultStatus))]
[JsonSerializable(typeof(RuleChanged))]
[JsonSerializable(typeof(PresetStarted))]
[JsonSerializable(typeof(FaultsApi.HaltRequest))]
[JsonSerializable(typeof(FaultsApi.AllRules))]
[JsonSerializable(typeof(ImaginedSession))]
[JsonSerializable(typeof(IReadOnlyList<PointExplanation>))]
[JsonSerializable(typeof(IReadOnlyList<InjectionView>))]
[JsonSerializable(typeof(IReadOnlyList<Preset>))]
[JsonSerializable(typeof(PresetStart))]
[JsonSerializable(typeof(RuleError[]))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(int?))]
[JsonSerializable(typeof(long?))]
internal sealed partial class FaultsJson : JsonSerializerContext
{
    /// <summary>As it is sent.</summary>
    public static FaultsJson Sent { get; } = new(RequestsJson.Readable());
}
