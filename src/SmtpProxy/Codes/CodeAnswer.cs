using System.Text.Json.Serialization;

namespace SmtpProxy.Codes;

/// <summary>What the catalogue knows of a code or a reply line.</summary>
/// <param name="Code">The reply code; null when only an enhanced code was asked for.</param>
/// <param name="Reply">Its entry; null where the catalogue has none.</param>
/// <param name="EnhancedCode">The enhanced code, when there is one.</param>
/// <param name="Enhanced">Its entry; null where the catalogue has none.</param>
public sealed record CodeAnswer(int? Code, ReplyEntry? Reply, string? EnhancedCode, EnhancedEntry? Enhanced)
{
    /// <summary>What a whole line says went wrong; null for a code alone, and for one that is no refusal.</summary>
    public LineDiagnosis? Diagnosis { get; init; }

    /// <summary>What the first digit says; of the reply code, or else of the enhanced one.</summary>
    public string Severity => CodeClass.Severity(Number);

    /// <summary>What the second digit says; null without a reply code.</summary>
    public string? Category => Code is { } code ? CodeClass.Category(code) : null;

    /// <summary>The code as it is asked for.</summary>
    [JsonIgnore]
    public string Title => Code is null ? EnhancedCode! : EnhancedCode is null ? $"{Code}" : $"{Code} {EnhancedCode}";

    private int Number => Code ?? ((EnhancedCode![0] - '0') * 100);
}
