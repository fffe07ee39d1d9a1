using System.Globalization;
using System.Text;

namespace SmtpProxy.Tests.Differential;

/// <summary>One whole reply of a relay, with what is certain of it.</summary>
/// <param name="Code">Code of its last line.</param>
/// <param name="Enhanced">Enhanced code of its last line; null: none.</param>
/// <param name="Lines">Its lines.</param>
/// <param name="Text">Its octets, one character each.</param>
/// <param name="Anomalies">What is wrong with it.</param>
internal sealed record Answer(int Code, string? Enhanced, int Lines, string Text, IReadOnlyList<string> Anomalies)
{
    private const int LongestLine = 512;
    private static readonly string[] Words = ["ok", "queued", "no such user", "try again later", "x", "", "250 or not",
        "go ahead and wait"];

    /// <summary>2yz.</summary>
    public bool IsGood => Code / 100 == 2;

    /// <summary>A reply with this code, of one line or several, and now and then an odd one.</summary>
    public static Answer Random(Random random, int code, double odd)
    {
        var anomalies = new List<string>();
        var count = random.Next(6) == 0 ? random.Next(2, 5) : 1;
        var text = new StringBuilder();
        string? enhanced = null;
        for (var line = 1; line <= count; line++)
        {
            var shown = code;
            if (line < count && random.NextDouble() < odd)
            {
                shown = code == 250 ? 251 : 250;
                anomalies.Add("mixed-reply-codes");
            }

            var words = Words[random.Next(Words.Length)];
            enhanced = code / 100 is 2 or 4 or 5 && random.Next(2) == 0
                ? string.Create(CultureInfo.InvariantCulture, $"{code / 100}.{random.Next(8)}.{random.Next(200)}") : null;
            words = enhanced is null ? words : $"{enhanced} {words}";
            if (random.NextDouble() < odd)
            {
                words += new string('y', LongestLine - 6 - words.Length + random.Next(2));
            }

            var shownLine = string.Create(CultureInfo.InvariantCulture,
                $"{shown}{(line < count ? '-' : ' ')}{words}{End(random, odd, anomalies)}");
            text.Append(shownLine);
            if (shownLine.Length > LongestLine)
            {
                anomalies.Add("reply-line-too-long");
            }
        }

        return new Answer(code, enhanced, count, text.ToString(), anomalies);
    }

    /// <summary>The reply to EHLO or LHLO that offers these.</summary>
    public static Answer Offering(IReadOnlyList<string> capabilities) => new(
        250, null, capabilities.Count + 1,
        string.Concat(capabilities.Prepend("mx.test").Select((line, n) => $"250{(n < capabilities.Count ? '-' : ' ')}{line}\r\n")), []);

    private static string End(Random random, double odd, List<string> anomalies)
    {
        if (random.NextDouble() >= odd)
        {
            return "\r\n";
        }

        anomalies.Add("bare-lf-reply");
        return "\n";
    }
}
