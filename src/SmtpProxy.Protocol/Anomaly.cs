namespace SmtpProxy.Protocol;

/// <summary>Something on the wire that RFC 5321 and its extensions do not allow (PROTOCOL 12). Reported, never repaired.
/// The names for the outside are in <see cref="WireNames"/>.</summary>
public enum Anomaly : byte
{
#pragma warning disable CS1591 // The names are those of PROTOCOL 12 and are described in docs/transparency.md.
    EarlyTalker, PipeliningUnadvertised, PipeliningSyncViolation, CommandAfterQuit, HttpRequest, TlsOnPlaintext, NotSmtp,
    BareLfCommand, BareCrCommand, NulCommand, EightBitCommand, CommandLineTooLong,
    BareLfReply, BareCrReply, NulReply, ReplyLineTooLong, MalformedReply, MixedReplyCodes, ReplyCodeOutOfRange,
    BareLfData, BareCrData, NulData, TextLineTooLong, NonstandardEod,
    UnsolicitedReply, Unsolicited421, Unexpected334, Unexpected354, Unexpected3yz, NonstandardGoAhead, UnexpectedDataReply,
    DataBefore354, AuthDataBefore334, ReplyBeforeEod, DataWithoutRecipients, BadBdat,
    StartTlsInjectionClient, StartTlsInjectionRelay, TlsBefore220, NonTlsAfterStartTls, RoleReversal,
    MissingGreeting, MissingReply, TruncatedReply, TruncatedData, TruncatedCommand,
    LeftTracking,
#pragma warning restore CS1591
}
