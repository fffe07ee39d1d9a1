using System.Diagnostics;
using System.Net;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Telemetry;
using SmtpProxy.Transport;

namespace SmtpProxy.Listening;

/// <summary>Who may send a PROXY header to a listener, who must, and what is told of those that get it wrong. Thread-safe.</summary>
internal sealed partial class ProxyHeaderRules(string listener, bool isRequired, Networks from, TimeSpan timeout, ITelemetry telemetry,
    ILogger log)
{
    /// <summary>Why a header of somebody who may send none ends the connection.</summary>
    public const string FromElsewhere = "it comes from outside the networks that may send one";

    private long _lastTold;
    private int _untold;

    /// <summary>A connection without a header is closed.</summary>
    public bool IsRequired => isRequired;

    /// <summary>How long a header may take.</summary>
    public TimeSpan Timeout => timeout;

    /// <summary>Whether a peer's header is believed. Who comes by a Unix-domain socket was let in by the file's permissions.</summary>
    private bool Trusts(EndPoint peer) => peer is not IPEndPoint { Address: var address } || from.Contains(address);

    /// <summary>Who takes a new connection; null: nobody, it is to be closed.</summary>
    /// <param name="arrival">The connection.</param>
    /// <param name="open">Begins a session, or turns it away.</param>
    public IPairHandler? Begin(in Arrival arrival, Func<Arrival, IPairHandler?> open)
    {
        if (Trusts(arrival.Client))
        {
            return new ProxyHeaderGate(this, open);
        }

        if (!isRequired)
        {
            return open(arrival) is { } session ? new ForeignHeaderWatch(this, session) : null;
        }

        Refused(arrival.Client, arrival.At, FromElsewhere);
        return null;
    }

    /// <summary>Counts a connection that is closed because of its header, and says so at most once a
    /// second: anybody can make them.</summary>
    public void Refused(EndPoint peer, long at, string why)
    {
        telemetry.LimitHit("proxy_header");
        var last = Interlocked.Read(ref _lastTold);
        if ((last != 0 && at - last < Stopwatch.Frequency) || Interlocked.CompareExchange(ref _lastTold, at, last) != last)
        {
            Interlocked.Increment(ref _untold);
            return;
        }

        LogRefused(listener, peer, why, Interlocked.Exchange(ref _untold, 0));
    }

    [LoggerMessage(EventId = 120, Level = LogLevel.Warning,
        Message =
            "Listener {Listener} closed a connection from {Peer} because of its PROXY header: {Why} ({Untold} more since the last such " +
                "line)")]
    private partial void LogRefused(string listener, EndPoint peer, string why, int untold);
}
