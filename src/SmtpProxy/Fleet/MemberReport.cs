using System.Text.Json;
using System.Text.Json.Serialization;
using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Fleet;

/// <summary>What a member says of itself at each beat.</summary>
internal sealed record MemberReport(
    string Node, string Version, DateTimeOffset Started, int Sessions, int MaxSessions, double Cpu, string Configuration,
    bool FaultsEnabled, bool FaultsHalted, long FaultsRevision, long RecentSessions, string? Admin = null)
{
    private const string What = "member ";

    /// <summary>It as it is kept in Redis.</summary>
    public byte[] Seal(FleetKey key, string id) =>
        key.Seal(What + id, JsonSerializer.SerializeToUtf8Bytes(this, FleetJson.Default.MemberReport));

    /// <summary>Reads it. Null: it cannot be read; a stranger is who seems to have sealed it with another key.</summary>
    public static (MemberReport? Report, bool IsStranger) Open(FleetKey key, string id, byte[] sealedReport)
    {
        try
        {
            return key.Open(What + id, sealedReport) is { } text
                ? (JsonSerializer.Deserialize(text, FleetJson.Default.MemberReport), false)
                : (null, FleetKey.MayBeSealed(sealedReport));
        }
        catch (JsonException)
        {
            // A later version of the product says it otherwise.
            return (null, false);
        }
    }
}

/// <summary>How what a fleet keeps is written, made by the compiler.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(MemberReport))]
[JsonSerializable(typeof(HaltWord))]
[JsonSerializable(typeof(SharedRules))]
[JsonSerializable(typeof(Versioned))]
internal sealed partial class FleetJson : JsonSerializerContext;
