namespace SmtpProxy.Protocol.Lines;

/// <summary>One line of the client or the relay, without its line end.</summary>
public readonly ref struct Line
{
    /// <summary>The line's octets, a bounded prefix of them.</summary>
    public ReadOnlySpan<byte> Text { get; init; }

    /// <summary>Octets on the wire, the line end included.</summary>
    public long Length { get; init; }

    /// <summary>Ended in LF without CR (PROTOCOL 2.1).</summary>
    public bool BareLf { get; init; }

    /// <summary>A CR that is not part of the line end.</summary>
    public bool BareCr { get; init; }

    /// <summary>A NUL.</summary>
    public bool Nul { get; init; }

    /// <summary>An octet above 127.</summary>
    public bool EightBit { get; init; }
}
