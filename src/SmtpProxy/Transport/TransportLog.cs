using System.Net;

namespace SmtpProxy.Transport;

/// <summary>What transports log, for there is no session to tell it.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(EventId = 341, Level = LogLevel.Error, Message = "The session of pair {Pair} failed; both of its connections are reset")]
    internal static partial void HandlerFailed(ILogger logger, Exception thrown, long pair);

    [LoggerMessage(EventId = 342, Level = LogLevel.Error, Message = "A connection to {Listener} could not be served and is reset")]
    internal static partial void NotServed(ILogger logger, Exception thrown, EndPoint listener);

    [LoggerMessage(EventId = 343, Level = LogLevel.Warning, Message = "Accepting at {Listener} pauses for 100 ms at a time: {Cause}")]
    internal static partial void NotAccepting(ILogger logger, EndPoint listener, string cause);

    [LoggerMessage(EventId = 340, Level = LogLevel.Warning, Message = "Connections to {Listener} are turned away: the process has no room for more sessions. Told once a minute; smtpproxy.limits.hit counts them and says why")]
    internal static partial void TurningAway(ILogger logger, EndPoint listener);
}
