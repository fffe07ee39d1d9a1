namespace SmtpProxy.Protocol.Connections;

/// <summary>What is wrong with a certificate that is made to be refused.</summary>
public enum CertificateFlaw : byte
{
    /// <summary>It expired yesterday.</summary>
    Expired,

    /// <summary>It is for another host.</summary>
    WrongHost,

    /// <summary>It is in order, but signed by nobody but itself.</summary>
    Untrusted,
}
