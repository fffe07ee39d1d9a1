using System.Net;

namespace SmtpProxy.Transport;

#pragma warning disable CA1031 // Law 2: no failure of the log may reach the connections.

/// <summary>What transports log, for there is no session to tell it. A line that cannot be written, for want of memory most often, is lost:
/// the loop that would have written it serves all the other connections.</summary>
internal static partial class TransportLog
{
    /// <summary>A session threw, and is dropped.</summary>
    internal static void HandlerFailed(ILogger logger, Exception thrown, long pair) =>
        Try((logger, thrown, pair), static l => LogHandlerFailed(l.logger, l.thrown, l.pair));

    /// <summary>A connection that was accepted got no session.</summary>
    internal static void NotServed(ILogger logger, Exception thrown, EndPoint listener) =>
        Try((logger, thrown, listener), static l => LogNotServed(l.logger, l.thrown, l.listener));

    /// <summary>The system gives no connection.</summary>
    internal static void NotAccepting(ILogger logger, EndPoint listener, string cause) =>
        Try((logger, listener, cause), static l => LogNotAccepting(l.logger, l.listener, l.cause));

    /// <summary>There is no room for more connections.</summary>
    internal static void TurningAway(ILogger logger, EndPoint listener) =>
        Try((logger, listener), static l => LogTurningAway(l.logger, l.listener));

    private static void Try<TLine>(TLine line, Action<TLine> write)
    {
        try
        {
            write(line);
        }
        catch (Exception)
        {
            // Nobody is left to be told.
        }
    }

    [LoggerMessage(EventId = 341, Level = LogLevel.Error, Message = "The session of pair {Pair} failed; both of its connections are reset")]
    private static partial void LogHandlerFailed(ILogger logger, Exception thrown, long pair);

    [LoggerMessage(EventId = 342, Level = LogLevel.Error, Message = "A connection to {Listener} could not be served and is reset")]
    private static partial void LogNotServed(ILogger logger, Exception thrown, EndPoint listener);

    [LoggerMessage(EventId = 343, Level = LogLevel.Warning, Message = "Accepting at {Listener} pauses for 100 ms at a time: {Cause}")]
    private static partial void LogNotAccepting(ILogger logger, EndPoint listener, string cause);

    [LoggerMessage(EventId = 340, Level = LogLevel.Warning,
        Message =
            "Connections to {Listener} are turned away: the process has no room for more sessions. Told once a minute; " +
                "smtpproxy.limits.hit counts them and says why")]
    private static partial void LogTurningAway(ILogger logger, EndPoint listener);
}
