namespace SmtpProxy.Protocol.Replies;

/// <summary>A complete reply (RFC 5321 4.2). Valid only during the call that hands it over.</summary>
public readonly ref struct Reply
{
    /// <summary>Code of the last line, 0-999.</summary>
    public required ushort Code { get; init; }

    /// <summary>Enhanced code of the last line, if any.</summary>
    public EnhancedCode Enhanced { get; init; }

    /// <summary>Number of reply lines, at least 1.</summary>
    public required int Lines { get; init; }

    /// <summary>Text of the last line behind code and separator (the enhanced code included), a bounded prefix of it.</summary>
    public ReadOnlySpan<byte> Text { get; init; }

    /// <summary>First digit of the code: 2, 3, 4, 5 (or anything else that was sent).</summary>
    public int Severity => Code / 100;

    /// <summary>2yz.</summary>
    internal bool IsPositive => Severity == 2;

    /// <summary>Reads a whole reply.</summary>
    /// <param name="octets">All of its lines.</param>
    /// <param name="reply">The reply, of which the last line counts.</param>
    /// <returns>False when no line of it is one of a reply.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> octets, out Reply reply)
    {
        var lines = 0;
        ReplyLine last = default;
        foreach (var range in octets.Split((byte)'\n'))
        {
            if (ReplyLine.TryParse(octets[range].TrimEnd((byte)'\r'), out var line) && !line.IsInformation)
            {
                lines++;
                last = line;
            }
        }

        reply = new Reply { Code = last.Code, Lines = lines, Text = last.Text, Enhanced = EnhancedCode.Read(last.Text) };
        return lines > 0;
    }
}
