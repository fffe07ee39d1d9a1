namespace SmtpProxy.Testing;

/// <summary>A message that the proxy's own relay has taken. Its text is not kept.</summary>
/// <param name="From">The sender of MAIL; empty for the null sender.</param>
/// <param name="Recipients">The recipients that were accepted.</param>
/// <param name="Octets">Its size.</param>
/// <param name="Taken">When its end was received.</param>
public sealed record SmtpMessage(string From, IReadOnlyList<string> Recipients, long Octets, DateTimeOffset Taken);
