namespace SmtpProxy.Protocol;

/// <summary>One side of an SMTP dialogue.</summary>
public enum Party : byte
{
    /// <summary>The side that sends commands.</summary>
    Client,

    /// <summary>The side that sends replies.</summary>
    Server,
}
