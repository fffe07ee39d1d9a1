using System.Text;

namespace SmtpProxy.Tests.Differential;

/// <summary>Random messages, whose every line has a known meaning.</summary>
internal static class MessageText
{
    private static readonly (string Text, string[] Anomalies)[] Odd =
    [
        ("a\nb\r\n", ["bare-lf-data"]), ("a\rb\r\n", ["bare-cr-data"]), ("a\0b\r\n", ["nul-data"]),
        (new string('z', 999) + "\r\n", ["text-line-too-long"]),
        ("x\n.\nx\r\n", ["bare-lf-data", "nonstandard-eod"]), ("x\n.\r\n", ["bare-lf-data", "nonstandard-eod"]),
        (".\ry\r\n", ["bare-cr-data", "nonstandard-eod"]),
        ("x\r.\rx\r\n", ["bare-cr-data", "nonstandard-eod"]),
    ];

    private static readonly string[] Plain =
        ["Subject: x\r\n", "\r\n", "text\r\n", "..\r\n", ".a\r\n", "...\r\n", "QUIT\r\n", "250 ok\r\n", "MAIL FROM:<x@y.test>\r\n",
            "Gr\u00fc\u00dfe\r\n", ". \r\n", new string('z', 998) + "\r\n"];

    /// <summary>A message without its end, how many of its dots are for transparency, and what is wrong with it.</summary>
    public static (string Text, int Dots, IReadOnlyList<string> Anomalies) Random(Random random, double odd)
    {
        var text = new StringBuilder();
        var dots = 0;
        var anomalies = new SortedSet<string>(StringComparer.Ordinal);
        for (var lines = new[] { 0, 1, 3, 12, 40, random.Next(200) == 0 ? 4_000 : 2 }[random.Next(6)]; lines > 0; lines--)
        {
            var isOdd = random.NextDouble() < odd;
            var (line, wrong) = isOdd ? Odd[random.Next(Odd.Length)] : (Plain[random.Next(Plain.Length)], []);
            dots += line[0] == '.' ? 1 : 0;
            text.Append(line);
            anomalies.UnionWith(wrong);
        }

        return (text.ToString(), dots, [.. anomalies]);
    }
}
