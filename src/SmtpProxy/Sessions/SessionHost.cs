using SmtpProxy.Telemetry;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Sessions;

/// <summary>Makes sessions, knows those that are open, and ends them on a stop. One for the process; thread-safe.</summary>
public sealed class SessionHost
{
    /// <summary>Creates a host without sessions.</summary>
    /// <param name="limits">Read when a session begins.</param>
    /// <param name="relays">Where sessions go.</param>
    /// <param name="telemetry">Where they are recorded.</param>
    public SessionHost(Func<SessionLimits> limits, IRelayPool relays, ITelemetry telemetry) => throw new NotImplementedException();

    /// <summary>The handler of a new connection of this listener.</summary>
    public IPairHandler Open(string listener, string cluster) => throw new NotImplementedException();

    /// <summary>Sessions that are open.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Ends every session gracefully: transactions finish, then 421 4.3.2 and FIN; RST at the deadline. Completes when none is left.</summary>
    public Task DrainAsync(TimeSpan deadline) => throw new NotImplementedException();
}
