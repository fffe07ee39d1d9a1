using SmtpProxy.Sessions.Replies;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Sessions.Admitting;

/// <summary>Why a client gets no session, and what it is told where it can be told anything.</summary>
/// <param name="Limit">The bound that was met, as in <c>smtpproxy.limit</c>; null: none.</param>
/// <param name="Reply">What stands in the greeting's place.</param>
/// <param name="Outcome">How that counts.</param>
internal sealed record Refusal(string? Limit, byte[] Reply, SessionOutcome Outcome = SessionOutcome.Refused)
{
    /// <summary>The listener does not serve its network.</summary>
    public static readonly Refusal Denied = new("denied_network", LocalReply.NotServed);

    /// <summary>The process has no room.</summary>
    public static readonly Refusal Sessions = new("sessions", LocalReply.TooManySessions);

    /// <summary>The listener has no room.</summary>
    public static readonly Refusal SessionsPerListener = new("sessions_per_listener", LocalReply.TooManySessions);

    /// <summary>The client has as many as it may have.</summary>
    public static readonly Refusal SessionsPerClient = new("sessions_per_client", LocalReply.TooManyFromClient);

    /// <summary>The client connects too often.</summary>
    public static readonly Refusal ConnectionRate = new("connection_rate", LocalReply.TooOften);

    /// <summary>As many clients shake hands as may.</summary>
    public static readonly Refusal Handshakes = new("handshakes", LocalReply.TlsBusy);

    /// <summary>As many of this client's connections shake hands as may.</summary>
    public static readonly Refusal HandshakesPerClient = new("handshakes_per_client", LocalReply.TlsBusy);

    /// <summary>The process stops.</summary>
    public static readonly Refusal Stopping = new(null, LocalReply.Stopping, SessionOutcome.Shutdown);
}
