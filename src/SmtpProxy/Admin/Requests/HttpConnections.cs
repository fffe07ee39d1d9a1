using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SmtpProxy.Admin.Requests;

/// <summary>The open connections of the HTTP server. At a stop it waits for whoever has sent half a request, for as long as the host lets
/// it; these need no token, and are not worth the wait.</summary>
internal sealed class HttpConnections
{
    private readonly ConcurrentDictionary<ConnectionContext, bool> _open = [];
    private volatile bool _isOver;

    /// <summary>Keeps account of the connections of each end point that is configured after this.</summary>
    public void Watch(KestrelServerOptions server) => server.ConfigureEndpointDefaults(point => point.Use(next => async connection =>
    {
        _open[connection] = true;
        try
        {
            if (_isOver)
            {
                End(connection);
            }

            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            _open.TryRemove(connection, out _);
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

    private static void End(ConnectionContext connection) => connection.Abort(new ConnectionAbortedException("The proxy has stopped."));
}
