using System.Text;
using System.Text.Json;
using SmtpProxy.Codes;
using SmtpProxy.Codes.Patterns;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Lines;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Tests.Codes;

/// <summary>Real replies, quoted as data (<c>replies-seen.json</c>; the source of each is noted there), and
/// what each of them means.</summary>
public sealed class RepliesSeenTests
{
    private static readonly Seen[] All = JsonSerializer.Deserialize<Seen[]>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Codes", "replies-seen.json")), JsonSerializerOptions.Web)!;

    public static TheoryData<string, string, string> Replies
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var seen in All)
            {
                data.Add(seen.In, seen.Line, seen.Diagnosis);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Replies))]
    public void Reply_OfARealServer_IsDiagnosed(string operation, string line, string diagnosis)
    {
        var (code, text) = (int.Parse(line[..3], System.Globalization.CultureInfo.InvariantCulture), line[4..].Replace('\n', ' '));

        var (candidates, _) = RefusalReading.Judge(
            Enum.GetValues<Operation>().Single(o => WireNames.Of(o) == operation), code, EnhancedCode.Read(Encoding.UTF8.GetBytes(text)),
            text);

        Assert.Equal(diagnosis, candidates.Count == 1 ? Catalogue.Of(candidates[0]).Code : "unclear");
        Assert.Equal(candidates.Distinct(), candidates);
    }

    [Fact]
    public void Replies_AreThoseOfManyServers() => Assert.All(
        (string[])["Postfix", "Exim", "OpenSMTPD", "Sendmail", "google", "microsoft", "yahoo", "qmail", "rspamd", "postgrey"],
        static server => Assert.Contains(All, seen => seen.Source.Contains(server, StringComparison.OrdinalIgnoreCase)));

    [Fact]
    public void Texts_AllOfThem_AreWholeAndLinear() => Assert.All(Catalogue.Texts, static entry =>
    {
        Assert.All((string[])[entry.Pattern, entry.Name, entry.Provider, entry.Source],
            static text => Assert.False(string.IsNullOrWhiteSpace(text)));
        Assert.NotEqual(Diagnosis.Unclear, Texts.DiagnosisOf(entry));
        Assert.All(entry.In ?? [], static name => Assert.Contains(name, Enum.GetValues<Operation>().Select(WireNames.Of)));
        Assert.DoesNotContain('@', entry.Name);
        Assert.Equal(entry.Pattern, TextPatterns.Of(entry.Pattern).ToString());
        // A group or a dot without a bound makes them try again for each of its lengths.
        Assert.DoesNotMatch(@"[).]([*+]|\{\d+,\})", entry.Pattern);
    });

    [Fact]
    public void Text_LongAndHostile_IsReadInNoTime()
    {
        var text = string.Concat(Enumerable.Repeat("mailbox user sender exceeded ", 20_000));

        Assert.NotNull(RefusalReading.Judge(Operation.Rcpt, 550, default, text).Candidates);
    }

    private sealed record Seen(string In, string Line, string Diagnosis, string Source);
}
