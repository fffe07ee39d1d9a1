using System.Text;

namespace SmtpProxy.Upstreams.Preamble;

/// <summary>What a reply to EHLO or LHLO offers (RFC 5321 4.1.1.1).</summary>
internal static class EhloOffer
{
    /// <summary>Its lines after the first, without code and separator. What is not printable ASCII becomes <c>?</c>:
    /// they are shown to people.</summary>
    /// <param name="reply">The octets of one whole reply.</param>
    public static IReadOnlyList<string> Read(byte[] reply) =>
        [.. Lines(reply).Skip(1).Select(static line => line.Length > 4 ? line[4..] : "").Where(static text => text.Length > 0)];

    /// <summary>The last line of a reply, as it was sent but for what is not printable.</summary>
    public static string LastLine(byte[] reply) => Lines(reply).LastOrDefault("");

    private static string[] Lines(byte[] reply) =>
        [.. Encoding.Latin1.GetString(reply).Split('\n').Select(static line => Printable(line.TrimEnd('\r')))
            .Where(static line => line.Length > 0)];

    private static string Printable(string line) => string.Create(line.Length, line, static (text, said) =>
    {
        for (var n = 0; n < text.Length; n++)
        {
            text[n] = said[n] is >= ' ' and <= '~' ? said[n] : '?';
        }
    });
}
