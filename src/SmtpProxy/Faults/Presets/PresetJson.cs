using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmtpProxy.Faults.Presets;

/// <summary>How the presets are read, made by the compiler.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Preset[]))]
internal sealed partial class PresetJson : JsonSerializerContext;
