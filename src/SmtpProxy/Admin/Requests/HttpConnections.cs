using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SmtpProxy.Admin.Requests;

/// <summary>The open connections of the HTTP server, and how many there may be: the server's own bound has an entry in the log for each
/// connection that it turns away. At a stop it waits for whoever has sent half a request, for as long as the host lets it; these need no
/// token, and are not worth the wait.</summary>
internal sealed partial class HttpConnections(TimeProvider time, ILogger<HttpConnections> log)
{
    private readonly ConcurrentDictionary<ConnectionContext, bool> _open = [];
    private readonly Lock _telling = new();
    private volatile bool _isOver;
    private int _count;
    private long _turnedAway;
    private long? _told;

    /// <summary>Keeps account of the connections of each end point that is configured after this.</summary>
    /// <param name="server">The server.</param>
    /// <param name="most">How many there may be; those beyond are closed.</param>
    public void Watch(KestrelServerOptions server, int most) => server.ConfigureEndpointDefaults(point =>
        point.Use(next => async connection =>
        {
            try
            {
                if (Interlocked.Increment(ref _count) > most)
                {
                    TurnedAway(most);
                    return;
                }

                _open[connection] = true;
                if (_isOver)
                {
                    End(connection);
                }

                await next(connection).ConfigureAwait(false);
            }
            finally
            {
                _open.TryRemove(connection, out _);
                Interlocked.Decrement(ref _count);
            }
        }));

    /// <summary>Ends those that are open, and those that come.</summary>
    /// <returns>How many were open.</returns>
    public int End()
    {
        _isOver = true;
        var open = _open.Keys;
        foreach (var connection in open)
        {
            End(connection);
        }

        return open.Count;
    }

    /// <summary>Told at once, and then once a minute.</summary>
    private void TurnedAway(int most)
    {
        lock (_telling)
        {
            _turnedAway++;
            if (_told is { } last && time.GetElapsedTime(last) < TimeSpan.FromMinutes(1))
            {
                return;
            }

            _told = time.GetTimestamp();
            LogTurnedAway(_turnedAway, most);
            _turnedAway = 0;
        }
    }

    private static void End(ConnectionContext connection) => connection.Abort(new ConnectionAbortedException("The proxy has stopped."));

    [LoggerMessage(EventId = 119, Level = LogLevel.Warning,
        Message = "{Connections} HTTP connections were turned away: {Most} are open, as many as there may be. Told once a minute")]
    private partial void LogTurnedAway(long connections, int most);
}
