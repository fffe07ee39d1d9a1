namespace SmtpProxy.Protocol.Replies;

/// <summary>One line of a reply (RFC 5321 4.2, 4.2.1; PROTOCOL 3.1).</summary>
/// <remarks><code>
/// Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
/// Reply-code = 3DIGIT     ; RFC 5321 has %x32-35 %x30-35 %x30-39; codes outside that are reported elsewhere
/// </code></remarks>
public readonly ref struct ReplyLine
{
    private const int CodeLength = 3;
    private const int LowestCode = 100;

    /// <summary>The three digits.</summary>
    public ushort Code { get; private init; }

    /// <summary>More lines follow.</summary>
    public bool Continues { get; private init; }

    /// <summary>A line <c>0yz</c> tells what the relay does (Sendmail). It may stand between replies and within them, is of none, and ends
    /// none (PROTOCOL 10.9).</summary>
    public bool IsInformation => Code < LowestCode;

    /// <summary>It is the last of its reply (PROTOCOL 3.2).</summary>
    public bool EndsReply => !Continues && !IsInformation;

    /// <summary>What follows the code and its separator.</summary>
    public ReadOnlySpan<byte> Text { get; private init; }

    /// <summary>Reads a line without its line end.</summary>
    /// <returns>False when it is not a line of a reply.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out ReplyLine reply)
    {
        reply = default;
        if (line.Length < CodeLength || !IsDigit(line[0]) || !IsDigit(line[1]) || !IsDigit(line[2]))
        {
            return false;
        }

        if (line.Length > CodeLength && line[CodeLength] is not ((byte)' ' or (byte)'-'))
        {
            return false;
        }

        reply = new ReplyLine
        {
            Code = (ushort)(((line[0] - '0') * 100) + ((line[1] - '0') * 10) + (line[2] - '0')),
            Continues = line.Length > CodeLength && line[CodeLength] == '-',
            Text = line.Length > CodeLength ? line[(CodeLength + 1)..] : default,
        };
        return true;
    }

    /// <summary>Whether an octet is a digit.</summary>
    public static bool IsDigit(byte octet) => octet is >= (byte)'0' and <= (byte)'9';
}
