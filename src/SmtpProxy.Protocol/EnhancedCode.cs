namespace SmtpProxy.Protocol;

/// <summary>An enhanced mail system status code (RFC 3463 2): class 2, 4 or 5, subject and detail 0-999. The default value means "none".</summary>
/// <param name="Class">2, 4 or 5; 0 = no enhanced code.</param>
/// <param name="Subject">0-999.</param>
/// <param name="Detail">0-999.</param>
public readonly record struct EnhancedCode(byte Class, ushort Subject, ushort Detail)
{
    /// <summary>Whether there is a code at all.</summary>
    public bool IsPresent => Class != 0;

    /// <summary><c>class.subject.detail</c>, or the empty string when there is none.</summary>
    public override string ToString() => IsPresent ? $"{Class}.{Subject}.{Detail}" : "";
}
