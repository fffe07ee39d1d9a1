using System.Diagnostics;
using System.Globalization;
using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Live;

/// <summary>The sessions that wait for a relay, or for a fault, at this moment.</summary>
internal static class WaitingSessions
{
    private static readonly TimeSpan Shown = TimeSpan.FromSeconds(1);

    /// <summary>Those that have waited for longer than a second, the longest first.</summary>
    /// <param name="open">The open sessions.</param>
    /// <param name="most">How many at most.</param>
    public static IReadOnlyList<WaitingSession> Longest(OpenSessions open, int most)
    {
        var now = Stopwatch.GetTimestamp();
        return open.Newest(int.MaxValue)
            .Select(session => (Session: session, session.What, Age: Stopwatch.GetElapsedTime(session.Since, now)))
            .Where(static wait => (WaitingFor.IsRelay(wait.What) || wait.What == WaitingFor.Fault) && wait.Age >= Shown)
            .OrderByDescending(static wait => wait.Age).Take(most).Select(static wait => Of(wait.Session, wait.What, wait.Age)).ToList();
    }

    private static WaitingSession Of(OpenSession session, int what, TimeSpan age) => new(
        session.Session.Id, session.Client?.Unmapped().ToString(), session.Way.Listener, session.Way.Cluster, session.Way.Destination,
        WaitingFor.NameOf(what),
        Math.Round(age.TotalMilliseconds, 3), string.Create(CultureInfo.InvariantCulture, $"for {Words(what)} since {Since(age)}"));

    private static string Words(int what) => WaitingFor.NameOf(what) switch
    {
        "greeting" => "220",
        "data" => "354",
        "connect" => "the connection",
        "end_of_data" => "the reply to the message",
        "relay_read" => "the relay to take octets",
        "fault" => "a fault to let go",
        var operation => $"the reply to {operation.ToUpperInvariant()}",
    };

    private static string Since(TimeSpan age) => age.TotalSeconds < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalSeconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes} min");
}

/// <summary>A session that waits.</summary>
/// <param name="Session">Its id.</param>
/// <param name="Client">The client's address and port.</param>
/// <param name="Listener">The listener's name.</param>
/// <param name="Cluster">The cluster's id.</param>
/// <param name="Destination">The relay's name.</param>
/// <param name="WaitingFor">What for, as in the metric <c>smtpproxy.sessions.waiting</c>.</param>
/// <param name="WaitingMs">For how long, in milliseconds.</param>
/// <param name="Text">The same in words.</param>
internal sealed record WaitingSession(
    string Session, string? Client, string Listener, string Cluster, string Destination, string WaitingFor, double WaitingMs, string Text);
