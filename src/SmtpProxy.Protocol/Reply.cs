namespace SmtpProxy.Protocol;

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
}
