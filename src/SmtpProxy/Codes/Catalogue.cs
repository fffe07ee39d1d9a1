using System.Globalization;
using System.Text;
using System.Text.Json;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Codes;

/// <summary>The catalogue of reply codes and enhanced status codes: data in this folder, read once.</summary>
public static class Catalogue
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly Lazy<IReadOnlyDictionary<int, ReplyEntry>> ReplyTable = new(() => Read<ReplyEntry[]>("replies.json").ToDictionary(static e => e.Code));
    private static readonly Lazy<EnhancedFile> Enhanced = new(() => Read<EnhancedFile>("enhanced.json"));

    private static readonly Lazy<DiagnosisEntry[]> DiagnosisTable = new(() => Read<DiagnosisEntry[]>("diagnoses.json"));
    private static readonly Lazy<TextEntry[]> TextTable = new(() => Read<TextEntry[]>("texts.json"));

    /// <summary>The well-known reply texts, in the order in which they are tried.</summary>
    public static IReadOnlyList<TextEntry> Texts => TextTable.Value;

    /// <summary>Every diagnosis, in the order of <see cref="Diagnosis"/>.</summary>
    public static IReadOnlyList<DiagnosisEntry> Diagnoses => DiagnosisTable.Value;

    /// <summary>The entry of a diagnosis.</summary>
    public static DiagnosisEntry Of(Diagnosis diagnosis) => Diagnoses[(int)diagnosis];

    /// <summary>Every reply code, in order.</summary>
    public static IEnumerable<ReplyEntry> Replies => ReplyTable.Value.Values;

    /// <summary>Every enhanced code, in order.</summary>
    public static IEnumerable<EnhancedEntry> EnhancedCodes => Enhanced.Value.Codes;

    /// <summary>Every subject.</summary>
    public static IEnumerable<EnhancedSubject> Subjects => Enhanced.Value.Subjects;

    /// <summary>The entry of a reply code; null where it is not in the catalogue.</summary>
    public static ReplyEntry? Reply(int code) => ReplyTable.Value.GetValueOrDefault(code);

    /// <summary>The entry of an enhanced code, of any class; null where it is not in the catalogue.</summary>
    public static EnhancedEntry? Of(EnhancedCode code)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"X.{code.Subject}.{code.Detail}");
        return EnhancedCodes.FirstOrDefault(entry => entry.Code == name);
    }

    /// <summary>Looks up what somebody typed or pasted: <c>354</c>, <c>5.7.1</c>, or a reply line such as <c>550 5.1.1 no such user</c>.</summary>
    /// <returns>What was found, or null when it is neither a code of SMTP nor a reply line.</returns>
    public static CodeAnswer? Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var octets = Encoding.UTF8.GetBytes(text.Trim());
        if (EnhancedCode.Read(octets) is { IsPresent: true } alone)
        {
            return new CodeAnswer(null, null, alone.ToString(), Of(alone));
        }

        if (!ReplyLine.TryParse(octets, out var line) || line.Code is < 100 or > 599)
        {
            return null;
        }

        var enhanced = EnhancedCode.Read(line.Text);
        var words = Encoding.UTF8.GetString(line.Text);
        return new CodeAnswer(line.Code, Reply(line.Code), enhanced.IsPresent ? enhanced.ToString() : null, enhanced.IsPresent ? Of(enhanced) : null)
        {
            Diagnosis = line.Code >= 400 && words.Length > 0 ? LineDiagnosis.Of(line.Code, enhanced, words) : null,
        };
    }

    private static T Read<T>(string name)
    {
        using var stream = typeof(Catalogue).Assembly.GetManifestResourceStream($"SmtpProxy.Codes.{name}")!;
        return JsonSerializer.Deserialize<T>(stream, Json)!;
    }
}
