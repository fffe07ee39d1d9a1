using System.Diagnostics;
using System.Net;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Telemetry;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Guard;

/// <summary>Who of a listener's clients may tell a relay that they speak for others, and what is told of those
/// that tried. Thread-safe.</summary>
internal sealed partial class GuardRules(string listener, ITelemetry telemetry, ILogger log)
{
    /// <summary>Seconds between two lines in the log: anybody can cause them.</summary>
    private const int Quiet = 10;

    private long _lastTold;
    private int _untold;

    /// <summary>Networks whose clients may say XCLIENT and XFORWARD to the relay. The newest.</summary>
    public Networks XClientFrom { get; set; } = Networks.None;

    /// <summary>Whether a client may. Who comes by a Unix-domain socket has no address that could be named.</summary>
    public bool Trusts(EndPoint client) => client is IPEndPoint { Address: var address } && XClientFrom.Contains(address);

    /// <summary>A client tried, and may not.</summary>
    /// <param name="pair">Its connections.</param>
    /// <param name="introduces">The proxy itself tells this relay who the client is, so that nobody else may.</param>
    public void Blocked(IPair pair, bool introduces)
    {
        telemetry.LimitHit("xclient_blocked");
        var last = Interlocked.Read(ref _lastTold);
        if ((last != 0 && pair.Now - last < Quiet * Stopwatch.Frequency)
            || Interlocked.CompareExchange(ref _lastTold, pair.Now, last) != last)
        {
            Interlocked.Increment(ref _untold);
            return;
        }

        var why = introduces
            ? "the proxy introduces clients to this relay itself (Smtp.XClient)"
            : $"no network of SmtpProxy:Listeners:{listener}:XClientFrom is the client's";
        LogBlocked(listener, pair.Client, why, Interlocked.Exchange(ref _untold, 0));
    }

    /// <summary>A session was ended that could not be followed where TLS is required and had not begun.</summary>
    public void Unfollowed() => telemetry.LimitHit("tls_required");

    /// <summary>The bound on what is kept of a client was met.</summary>
    public void Full() => telemetry.LimitHit("client_backlog");

    [LoggerMessage(EventId = 230, Level = LogLevel.Warning,
        Message =
            "Listener {Listener} kept XCLIENT or XFORWARD of client {Client} from the relay: {Why} ({Untold} more since the last such " +
                "line)")]
    private partial void LogBlocked(string listener, EndPoint client, string why, int untold);
}
