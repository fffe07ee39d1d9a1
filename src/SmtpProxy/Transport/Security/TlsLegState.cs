namespace SmtpProxy.Transport.Security;

/// <summary>How far the encryption of a leg has come.</summary>
internal enum TlsLegState : byte
{
    /// <summary>In the handshake.</summary>
    Shaking,

    /// <summary>Octets pass.</summary>
    Open,

    /// <summary>The handshake failed, or what came cannot be decrypted, or the connection is gone.</summary>
    Broken,
}
