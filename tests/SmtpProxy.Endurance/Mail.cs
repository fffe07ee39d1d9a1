using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SmtpProxy.Endurance;

/// <summary>A message that is like no other: its sender address is its number, and its octets follow from it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Octets">About how long it is.</param>
internal readonly record struct Mail(long Number, int Octets)
{
    /// <summary>The sender's address.</summary>
    public string From => string.Create(CultureInfo.InvariantCulture, $"m{Number}.{Octets}@example.org");

    /// <summary>The message that a sender's address names; null for addresses of others.</summary>
    public static Mail? In(string command)
    {
        var at = command.IndexOf("<m", StringComparison.Ordinal);
        var end = command.IndexOf('@', StringComparison.Ordinal);
        return at >= 0 && end > at && command[(at + 2)..end].Split('.') is [var number, var octets]
            && long.TryParse(number, CultureInfo.InvariantCulture, out var n)
            && int.TryParse(octets, CultureInfo.InvariantCulture, out var length)
            ? new Mail(n, length) : null;
    }

    /// <summary>What goes after DATA, stuffed, with the dot; and the hash of what a relay has of it.</summary>
    public byte[] Body(out ulong hash)
    {
        var text = new StringBuilder(Octets + 128);
        text.Append(CultureInfo.InvariantCulture, $"Subject: {Number}\r\n\r\n");
        for (var line = 0; text.Length < Octets; line++)
        {
            // Every seventh line begins with dots.
            text.Append(line % 7 == 0 ? ".." : "").Append(CultureInfo.InvariantCulture, $"{Number} {line} ")
                .Append((char)('a' + (line % 26)), 50).Append("\r\n");
        }

        hash = Hash(Encoding.Latin1.GetBytes(text.ToString().Replace("\r\n.", "\r\n", StringComparison.Ordinal)));
        return Encoding.Latin1.GetBytes(text.Append(".\r\n").ToString());
    }

    /// <summary>The first octets of SHA-256.</summary>
    public static ulong Hash(ReadOnlySpan<byte> octets) => BitConverter.ToUInt64(SHA256.HashData(octets), 0);
}
