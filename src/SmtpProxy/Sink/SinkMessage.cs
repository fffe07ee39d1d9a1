namespace SmtpProxy.Sink;

/// <summary>The envelope of a message that the sink accepted and discarded.</summary>
/// <param name="Id">What the reply called it: <c>queued as</c> this.</param>
/// <param name="Time">When its end was received.</param>
/// <param name="From">The path of MAIL without brackets; empty for the null path.</param>
/// <param name="Recipients">The paths of the RCPTs that were accepted, at most <see cref="SinkMailbox.MaxKeptRecipients"/>.</param>
/// <param name="RecipientCount">How many RCPTs were accepted in all.</param>
/// <param name="Octets">Size of the message, transparency dots removed (RFC 5321 4.5.2).</param>
/// <param name="Via"><c>DATA</c> or <c>BDAT</c>.</param>
/// <param name="Protocol"><c>smtp</c> or <c>lmtp</c>.</param>
public sealed record SinkMessage(
    string Id,
    DateTimeOffset Time,
    string From,
    IReadOnlyList<string> Recipients,
    int RecipientCount,
    long Octets,
    string Via,
    string Protocol);
