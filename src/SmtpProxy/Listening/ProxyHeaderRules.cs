using System.Diagnostics;
using System.Net;
using SmtpProxy.Sessions;
using SmtpProxy.Telemetry;
using SmtpProxy.Transport;

namespace SmtpProxy.Listening;

/// <summary>Who may send a PROXY header to a listener, who must, and what is told of those that get it wrong. Thread-safe.</summary>
internal sealed partial class ProxyHeaderRules(string listener, bool isRequired, Networks from, TimeSpan timeout, ITelemetry telemetry, ILogger log)
{
    private long _lastTold;
    private int _untold;

    /// <summary>A connection without a header is closed.</summary>
    public bool IsRequired => isRequired;

    /// <summary>How long a header may take.</summary>
    public TimeSpan Timeout => timeout;

    /// <summary>Whether a peer's header is believed. Who comes by a Unix-domain socket was let in by the file's permissions.</summary>
    public bool Trusts(EndPoint peer) => peer is not IPEndPoint { Address: var address } || from.Contains(address);

    /// <summary>Counts a connection that is closed because of its header, and says so at most once a second: anybody can make them.</summary>
    public void Refused(IPair pair, string why)
    {
        telemetry.LimitHit("proxy_header");
        var last = Interlocked.Read(ref _lastTold);
        if ((last != 0 && pair.Now - last < Stopwatch.Frequency) || Interlocked.CompareExchange(ref _lastTold, pair.Now, last) != last)
        {
            Interlocked.Increment(ref _untold);
            return;
        }

        LogRefused(listener, pair.Client, why, Interlocked.Exchange(ref _untold, 0));
    }

    [LoggerMessage(EventId = 120, Level = LogLevel.Warning, Message = "Listener {Listener} closed a connection from {Peer} because of its PROXY header: {Why} ({Untold} more since the last such line)")]
    private partial void LogRefused(string listener, EndPoint peer, string why, int untold);
}
