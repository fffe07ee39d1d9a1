using System.Text.Json;
using System.Text.Json.Serialization;
using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Fleet;

/// <summary>What a member says of itself at each beat.</summary>
internal sealed record MemberReport(
    string Node, string Version, DateTimeOffset Started, int Sessions, int MaxSessions, double Cpu, string Configuration,
    bool FaultsEnabled, bool FaultsHalted, long FaultsRevision, long RecentSessions, string? Admin = null)
{
    /// <summary>Octets that it has at most where it is kept.</summary>
    public const int Longest = 4096;

    /// <summary>Characters of the configuration's name that are shown.</summary>
    public const int ShownConfiguration = 12;

    private const int LongestWord = 128;
    private const string What = "member ";

    /// <summary>All that others build on is there and is what it should be: who has the key may be of another version, or out of
    /// order.</summary>
    [JsonIgnore]
    public bool IsReadable => FleetOptions.IsName(Node) && IsWord(Version) && Configuration is { Length: >= ShownConfiguration }
        && IsWord(Configuration) && Sessions >= 0 && MaxSessions >= 0 && double.IsFinite(Cpu) && FaultsRevision >= 0
        && RecentSessions is >= 0 and <= int.MaxValue;

    /// <summary>It as it is kept in Redis.</summary>
    public byte[] Seal(FleetKey key, string id) =>
        key.Seal(What + id, JsonSerializer.SerializeToUtf8Bytes(this, FleetJson.Default.MemberReport));

    /// <summary>Reads it. Null: it cannot be read; a stranger is who seems to have sealed it with another key.</summary>
    public static (MemberReport? Report, bool IsStranger) Open(FleetKey key, string id, byte[] sealedReport)
    {
        try
        {
            return key.Open(What + id, sealedReport) is { } text
                ? (JsonSerializer.Deserialize(text, FleetJson.Default.MemberReport) is { IsReadable: true } report ? report : null, false)
                : (null, FleetKey.MayBeSealed(sealedReport));
        }
        catch (JsonException)
        {
            // A later version of the product says it otherwise.
            return (null, false);
        }
    }

    private static bool IsWord(string? text) => text is { Length: > 0 and <= LongestWord } && text.All(static c => c is > ' ' and <= '~');
}

/// <summary>How what a fleet keeps is written, made by the compiler.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(MemberReport))]
[JsonSerializable(typeof(HaltWord))]
[JsonSerializable(typeof(SharedRules))]
[JsonSerializable(typeof(Versioned))]
internal sealed partial class FleetJson : JsonSerializerContext;
