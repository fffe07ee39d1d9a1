namespace SmtpProxy.Codes;

/// <summary>What was wrong with a session that did not end well: the closed set. Names for the outside, meaning and remedy are in
/// <c>diagnoses.json</c>, in this order.</summary>
public enum Diagnosis : byte
{
#pragma warning disable CS1591 // Each is described in diagnoses.json and, from it, in docs/diagnosis.md.
    RelayRefusedConnection, RelayConnectTimeout, RelayUnreachable, RelayNameUnresolved, NoRelayAvailable, NoGreeting, GreetingRefused,
        TooManyConnections,
    ProxyHeaderMissing, HttpOnSmtpPort, TlsOnPlaintextPort, PlaintextOnTlsPort, PlaintextOnTlsListener, RelayNotSmtp,
    TlsRequired, TlsRequiredHere, TlsRefused, TlsRefusedHere, TlsHandshakeFailed, RelayTlsFailed, IntroductionRefused, AuthRequired,
    AuthRefused,
    Greylisted, RateLimited, Blocklisted, SenderRefused, RecipientUnknown, RecipientDeferred, MailboxFull, RelayDenied, TooLarge,
    DomainAuthenticationFailed, SpamRefused, VirusRefused, PolicyRefused, StorageFull, RelayInternalError, CommandRefused,
    DataRefused, No354, UnescapedDot, NonstandardEndOfData, EndOfDataMissing, FinalReplyMissing, FinalReplySurplus,
    ClientHungUp, ClientSaidNothing, RelayHungUp, RelayClosing, PipeliningRefused, ClientTimeout, RelayTimeout,
    ProxyLimit, LocalResources, ClientNotServed, XClientBlocked, ProxyStopping, FaultInjected,
    Unclear,
#pragma warning restore CS1591
}
