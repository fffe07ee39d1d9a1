using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Codes;

/// <summary>The catalogue of reply codes and enhanced status codes: data in this folder, read once.</summary>
public static class Catalogue
{
    private static readonly Lazy<IReadOnlyDictionary<int, ReplyEntry>> ReplyTable =
        new(() => Read("replies.json", CatalogueJson.Default.ReplyEntryArray).ToDictionary(static e => e.Code));
    private static readonly Lazy<EnhancedFile> Enhanced = new(() => Read("enhanced.json", CatalogueJson.Default.EnhancedFile));

    private static readonly Lazy<DiagnosisEntry[]> DiagnosisTable =
        new(() => Read("diagnoses.json", CatalogueJson.Default.DiagnosisEntryArray));
    private static readonly Lazy<TextEntry[]> TextTable = new(() => Read("texts.json", CatalogueJson.Default.TextEntryArray));

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

    /// <summary>Looks up what somebody typed or pasted: <c>354</c>, <c>5.7.1</c>, or a reply line such as <c>550
    /// 5.1.1 no such user</c>.</summary>
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
        return new CodeAnswer(line.Code, Reply(line.Code), enhanced.IsPresent ? enhanced.ToString() : null,
            enhanced.IsPresent ? Of(enhanced) : null)
        {
            Diagnosis = line.Code >= 400 && words.Length > 0 ? LineDiagnosis.Of(line.Code, enhanced, words) : null,
        };
    }

    private static T Read<T>(string name, JsonTypeInfo<T> type)
    {
        using var stream = typeof(Catalogue).Assembly.GetManifestResourceStream($"SmtpProxy.Codes.{name}")!;
        return JsonSerializer.Deserialize(stream, type)!;
    }
}

/// <summary>How the catalogue is read, and written to who asks for a code. Made by the compiler: the catalogue is read at each start, and
/// finding out by reflection what its records are made of took a tenth of that.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ReplyEntry[]))]
[JsonSerializable(typeof(EnhancedFile))]
[JsonSerializable(typeof(DiagnosisEntry[]))]
[JsonSerializable(typeof(TextEntry[]))]
[JsonSerializable(typeof(CodeAnswer))]
[JsonSerializable(typeof(List<CodeAnswer>))]
internal sealed partial class CatalogueJson : JsonSerializerContext;
