using System.Text;

namespace SmtpProxy.Faults.Model;

/// <summary>Replies that actions give, as octets.</summary>
internal static class ReplyText
{
    /// <summary>The members of a reply: code, enhanced code, lines of text.</summary>
    /// <param name="code">The default code; 0: it must be given.</param>
    /// <param name="enhanced">The default enhanced code.</param>
    /// <param name="text">The default text.</param>
    public static IReadOnlyList<Field> Fields(int code, string? enhanced, string text) =>
    [
        new("code", FieldKind.Integer, "The reply code.")
            { IsRequired = code == 0, Min = 200, Max = 599, Default = code == 0 ? null : Inv(code) },
        new("enhanced", FieldKind.Text, "The enhanced status code (RFC 3463).") { Default = enhanced },
        new("text", FieldKind.TextList, "The text, a line each.") { Default = text },
    ];

    /// <summary>The reply that values ask for.</summary>
    public static byte[] Of(Values values, int code, string? enhanced, string text, List<RuleError> errors, string path = "action")
    {
        var number = (int)(values.Integer("code") ?? code);
        var status = values.Text("enhanced") ?? (values.Has("code") && number != code ? null : enhanced);
        if (status is not null && !IsEnhanced(status, number))
        {
            errors.Add(new RuleError($"{path}.enhanced",
                $"\"{status}\" does not go with code {Inv(number)}; write such as {Inv(number / 100)}.7.1 (RFC 3463)"));
        }

        var lines = values.Texts("text") is { Count: > 0 } given ? given : [text];
        var reply = new StringBuilder();
        for (var n = 0; n < lines.Count; n++)
        {
            if (lines[n].Any(static c => c is < ' ' or > '~'))
            {
                errors.Add(new RuleError($"{path}.text", "must be printable ASCII (RFC 5321 4.2)"));
            }

            reply.Append(Inv(number)).Append(n == lines.Count - 1 ? ' ' : '-').Append(status is null ? "" : status + " ").Append(lines[n])
                .Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(reply.ToString());
    }

    /// <summary>Octets of ASCII text.</summary>
    public static byte[] Octets(string text) => Encoding.ASCII.GetBytes(text);

    private static bool IsEnhanced(string status, int code) =>
        status.Split('.') is [var c, var subject, var detail]
        && c == Inv(code / 100) && IsDetail(subject) && IsDetail(detail);

    /// <summary>RFC 3463 2: one to three digits.</summary>
    private static bool IsDetail(string text) => text.Length is >= 1 and <= 3 && text.All(char.IsAsciiDigit);

    private static string Inv(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
