namespace SmtpProxy.Upstreams.Relays;

/// <summary>How far a probe's dialogue goes. Each ends with QUIT.</summary>
internal enum ProbeDepth
{
    /// <summary>The relay must greet with 220.</summary>
    Greeting,

    /// <summary>And answer EHLO (LHLO where it speaks LMTP) with 250.</summary>
    Ehlo,

    /// <summary>And offer STARTTLS, shake hands, and answer EHLO again inside.</summary>
    StartTls,
}
