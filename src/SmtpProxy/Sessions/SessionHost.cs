using System.Collections.Concurrent;
using SmtpProxy.Faults;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Faulted;
using SmtpProxy.Sessions.Guard;
using SmtpProxy.Sessions.Introduction;
using SmtpProxy.Sessions.Replies;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Security;
using SmtpProxy.Telemetry;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Security;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Sessions;

/// <summary>Makes sessions, knows those that are open, and ends them on a stop. One for the process; thread-safe.</summary>
public sealed partial class SessionHost
{
    private readonly Func<SessionLimits> _limits;
    private readonly ILogger<SessionHost> _log;
    private readonly Admission _admission;
    private readonly TurningAway _turningAway;
    private readonly ConcurrentDictionary<string, ListenerPolicy> _policies = new();
    private readonly ConcurrentDictionary<string, GuardRules> _guards = new();
    private readonly ServerCertificates? _certificates;
    private readonly ConcurrentDictionary<long, Session> _sessions = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Creates a host without sessions.</summary>
    /// <param name="limits">Read when a session begins.</param>
    /// <param name="relays">Where sessions go.</param>
    /// <param name="telemetry">Where they are recorded.</param>
    /// <param name="log">For what an operator should see.</param>
    /// <param name="faults">What may be broken on purpose; null: nothing ever.</param>
    /// <param name="certificates">With which of the listeners' clients TLS is spoken; null: with none.</param>
    public SessionHost(
        Func<SessionLimits> limits, IRelayPool relays, ITelemetry telemetry, ILogger<SessionHost> log, IFaultEngine? faults = null,
        ServerCertificates? certificates = null)
        : this(limits, relays, telemetry, log, faults, certificates, null)
    {
    }

    /// <summary>Creates a host that has limits for each client in common with others.</summary>
    internal SessionHost(
        Func<SessionLimits> limits, IRelayPool relays, ITelemetry telemetry, ILogger<SessionHost> log, IFaultEngine? faults,
        ServerCertificates? certificates, ICommonLimits? common)
    {
        _admission = new Admission { Common = common };
        _certificates = certificates;
        if (faults is { IsEnabled: true })
        {
            Faults = faults;
            faults.Changed += FaultsChanged;
        }

        _limits = limits;
        _log = log;
        Introductions = new IntroductionLog(log);
        Relays = relays;
        Telemetry = telemetry;
        ObserverFailed = e =>
        {
            Telemetry.LimitHit("observer");
            LogObserverFailed(e);
        };
        _turningAway = new TurningAway(telemetry, ObserverFailed);
    }

    /// <summary>How long a peer may take to close after we have ended its session.</summary>
    public static TimeSpan Farewell => SessionTimers.Linger;

    /// <summary>What a client hears for whom there is no session.</summary>
    public static ReadOnlyMemory<byte> TurnAway => LocalReply.TooManySessions;

    /// <summary>Sessions that are open.</summary>
    public int Count => _sessions.Count;

    /// <summary>Whether a stop was asked for; new sessions are answered 421.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>Makes the pair of a session one that encrypts; the session asks it to by <see cref="IPair.Secure"/>.</summary>
    internal Func<IPairHandler, IPairHandler> Encrypting { get; init; } = static session => new TlsPair(session);

    internal SessionLimits Limits => _limits();

    internal IRelayPool Relays { get; }

    /// <summary>What may be broken on purpose; null: nothing ever.</summary>
    internal IFaultEngine? Faults { get; }

    internal IntroductionLog Introductions { get; }

    /// <summary>The observer of a session failed; the session goes on unobserved.</summary>
    internal Action<Exception> ObserverFailed { get; }

    internal ITelemetry Telemetry { get; }

    /// <summary>How long sessions may go on that have been asked to end.</summary>
    internal TimeSpan DrainDeadline { get; private set; }

    /// <summary>The handler of a new connection of this listener, which is judged by its client's address before anything is done for it.
    /// Null: it is to be closed at once.</summary>
    public IPairHandler? Open(string listener, string cluster, in Arrival arrival)
    {
        var server = _certificates?.For(listener);
        var isImplicit = server is { Rules.Mode: ListenerTlsMode.Implicit };
        Place? place = null;
        var refusal = IsDraining ? Refusal.Stopping
            : _admission.Enter(listener, arrival, _limits(), _policies.GetValueOrDefault(listener, ListenerPolicy.Open), isImplicit,
                out place);
        if (refusal is not null)
        {
            return _turningAway.Begin(listener, cluster, arrival, refusal, canHear: !isImplicit);
        }

        return _admission.TryAsk(place!, out var asking) ? Await(asking, listener, cluster, arrival, place!, isImplicit)
            : Begin(listener, cluster, place!);
    }

    /// <summary>The other proxies decide.</summary>
    private AwaitedPair Await(
        Task<CommonVerdict> asking, string listener, string cluster, Arrival arrival, Place place, bool isImplicit) =>
        new(asking, place, arrival, verdict =>
        {
            if ((IsDraining ? Refusal.Stopping : _admission.Judge(place, verdict)) is not { } refusal)
            {
                return Begin(listener, cluster, place);
            }

            place.Leave();
            return _turningAway.Begin(listener, cluster, arrival, refusal, canHear: !isImplicit);
        });

    /// <summary>The session of a client that was let in.</summary>
    private IPairHandler Begin(string listener, string cluster, Place place)
    {
        var server = _certificates?.For(listener);
        if (server is null && !Relays.Encrypts(cluster))
        {
            return new SessionPipeline(this, cluster, place, null, Relays.Introduces(cluster) ? RelayMeans.Introduction : RelayMeans.None);
        }

        var tls = new SessionTls(server, place, Telemetry);
        return Encrypting(new SessionPipeline(this, cluster, place, tls, RelayMeans.Introduction | RelayMeans.Encryption));
    }

    /// <summary>Says whom a listener serves, from the next session on; everybody unless said.</summary>
    public void Admit(string listener, ListenerPolicy policy)
    {
        _policies[listener] = policy;
        GuardOf(listener).XClientFrom = policy.XClientFrom;
    }

    /// <summary>Ends every session gracefully: transactions finish, then 421 4.3.2 and FIN; what is left at the deadline gets 421 if it can
    /// stand, or RST. Completes when none is left.</summary>
    public Task DrainAsync(TimeSpan deadline)
    {
        DrainDeadline = deadline;
        IsDraining = true;
        foreach (var session in _sessions.Values)
        {
            session.Drain();
        }

        if (_sessions.IsEmpty)
        {
            _empty.TrySetResult();
        }

        return _empty.Task;
    }

    internal GuardRules GuardOf(string listener) =>
        _guards.GetOrAdd(listener, static (name, host) => new GuardRules(name, host.Telemetry, host._log), this);

    private void FaultsChanged()
    {
        foreach (var session in _sessions.Values)
        {
            session.FaultsChanged();
        }
    }

    /// <summary>A session begins. False: the process stops, and it shall not.</summary>
    internal bool Keep(Session session, IPair pair)
    {
        _sessions[pair.Id] = session;
        return !IsDraining;
    }

    /// <summary>A session is over.</summary>
    internal void Remove(IPair pair)
    {
        _sessions.TryRemove(pair.Id, out _);
        if (IsDraining && _sessions.IsEmpty)
        {
            _empty.TrySetResult();
        }
    }

    /// <summary>A session left one relay for another before the client saw anything.</summary>
    internal void RelayAbandoned(string relay, string next, string cause) => LogRelayAbandoned(relay, next, cause);

    [LoggerMessage(EventId = 200, Level = LogLevel.Error, Message = "Observing a session failed; it goes on unobserved")]
    private partial void LogObserverFailed(Exception e);

    [LoggerMessage(EventId = 201, Level = LogLevel.Warning, Message = "Session moved from relay {Relay} to {Next}: {Cause}")]
    private partial void LogRelayAbandoned(string relay, string next, string cause);
}
