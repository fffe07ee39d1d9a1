namespace SmtpProxy.Codes;

/// <summary>How far a TLS handshake came that passes through, as its flights show (RFC 8446 2, RFC 5246 7.3): who spoke,
/// and who spoke after that.</summary>
public enum TlsProgress : byte
{
    /// <summary>It was agreed on, and the client sent nothing.</summary>
    Begun,

    /// <summary>The client began, and the relay sent nothing.</summary>
    ClientHello,

    /// <summary>The relay answered, and the client did not go on.</summary>
    ServerHello,

    /// <summary>The client went on: in every version of TLS it has what it needs from the relay then.</summary>
    GoesOn,
}
