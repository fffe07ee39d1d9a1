namespace SmtpProxy.Telemetry.Clocks;

/// <summary>When an exchange was, in ticks of the monotonic clock; -1 = not known.</summary>
/// <param name="Ticks">How long the relay took, by the operation's own clock.</param>
/// <param name="Began">When the relay had the command.</param>
/// <param name="Ended">When its reply came.</param>
internal readonly record struct Timing(long Ticks, long Began, long Ended);
