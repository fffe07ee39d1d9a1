using System.Globalization;
using System.Text;

namespace SmtpProxy.Cli.Output;

/// <summary>Text as a terminal and a log may have it. What others chose (replies, subjects of certificates, names of servers, reasons that
/// came over HTTP) can hold octets that move the cursor, hide a line, forge one, or turn the direction of what is read: each
/// is written as its number.</summary>
internal static class Printable
{
    /// <summary>The text in one line: control characters (C0, DEL, C1), separators of lines and paragraphs, and marks that change the
    /// direction of text (Unicode's Bidi_Control) or cannot be seen stand as <c>\xNN</c> or <c>\uNNNN</c>. Text without
    /// any is returned as it is.</summary>
    public static string Of(string? text) => Escape(text, keepsLines: false, isJson: false);

    /// <summary>As <see cref="Of"/>, for text of our own that has lines: LF and CR LF stay.</summary>
    public static string Lines(string? text) => Escape(text, keepsLines: true, isJson: false);

    /// <summary>The same of JSON, which means the same afterwards: what a terminal must not have can only stand in its strings, and is
    /// written there as JSON writes it (RFC 8259, section 7).</summary>
    public static string Json(string json) => Escape(json, keepsLines: true, isJson: true);

    private static string Escape(string? text, bool keepsLines, bool isJson)
    {
        text ??= "";
        var at = 0;
        while (at < text.Length && !IsUnfit(text, at, keepsLines))
        {
            at++;
        }

        if (at == text.Length)
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 16).Append(text, 0, at);
        for (; at < text.Length; at++)
        {
            if (!IsUnfit(text, at, keepsLines))
            {
                escaped.Append(text[at]);
            }
            else
            {
                var isShort = text[at] <= 0xFF && !isJson;
                escaped.Append(isShort ? "\\x" : "\\u")
                    .Append(((int)text[at]).ToString(isShort ? "x2" : "x4", CultureInfo.InvariantCulture));
            }
        }

        return escaped.ToString();
    }

    private static bool IsUnfit(string text, int at, bool keepsLines) => text[at] switch
    {
        '\n' => !keepsLines,
        '\r' => !keepsLines || at + 1 == text.Length || text[at + 1] != '\n',
        // C0, DEL and C1.
        < ' ' or (>= '\u007f' and <= '\u009f') => true,
        // The soft hyphen and the mark of Arabic letters; marks, embeddings, overrides and isolates of direction;
        // separators; joiners and what has no width.
        '\u00ad' or '\u061c' or (>= '\u200b' and <= '\u200f') or (>= '\u2028' and <= '\u202e') or (>= '\u2060' and <= '\u206f')
            or '\ufeff' => true,
        // Half of a character.
        >= '\ud800' and <= '\udbff' => at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1]),
        >= '\udc00' and <= '\udfff' => at == 0 || !char.IsHighSurrogate(text[at - 1]),
        _ => false,
    };
}
