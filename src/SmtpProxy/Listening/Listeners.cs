using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Rules;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Telemetry;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Listening;

/// <summary>
/// Opens the configured listeners, each handing its connections to the session host. Not a hosted service: those start before the HTTP
/// server and stop behind it, and listeners must be the last to open and the first to close.
/// </summary>
internal sealed class Listeners : IAsyncDisposable
{
    private readonly ITransport _transport;
    private readonly SessionHost _sessions;
    private readonly ITelemetry _telemetry;
    private readonly ILogger<Listeners> _log;
    private readonly ValidatedConfiguration _configuration;
    private readonly Capacity _capacity;
    private readonly SystemdSockets _passed = SystemdSockets.Read(Environment.GetEnvironmentVariable, Environment.ProcessId);
    private readonly List<BoundListener> _open = [];

    public Listeners(ITransport transport, SessionHost sessions, ITelemetry telemetry, ValidatedConfiguration configuration,
        Capacity capacity, ILogger<Listeners> log)
    {
        _log = log;
        _transport = transport;
        _sessions = sessions;
        _telemetry = telemetry;
        _configuration = configuration;
        _capacity = capacity;
        DialogueMemory.ReportTo(telemetry);
    }

    /// <summary>Opens all, or none.</summary>
    /// <exception cref="ConfigurationException">Some cannot be opened; names each.</exception>
    public IReadOnlyList<BoundListener> Open()
    {
        _capacity.Settle(
            _configuration.Current.Limits.MaxSessions, isDefault: !_configuration.Values.ContainsKey("SmtpProxy:Limits:MaxSessions"),
            _configuration.Current.Listeners.Count);
        var problems = new List<Problem>();
        foreach (var (name, options) in _configuration.Current.Listeners)
        {
            try
            {
                _open.Add(Open(name, options));
            }
            catch (TransportException e)
            {
                _ = ListenAddress.TryParseAny(options.Address, out var address, out _);
                problems.Add(_configuration.Sources.Locate(Problem.At($"{Settings.Section}:Listeners:{name}:Address",
                    $"{e.Message.TrimEnd('.')}; {ListenRemedy.For(e, address)}")));
            }
        }

        if (problems.Count > 0)
        {
            Stop();
            throw new ConfigurationException(problems);
        }

        _configuration.Applied += Reloaded;
        TellLimits();
        return _open;
    }

    /// <summary>Closes all; sessions go on.</summary>
    public void Stop()
    {
        _configuration.Applied -= Reloaded;
        _open.ForEach(static listener => listener.Socket.Stop());
    }

    public async ValueTask DisposeAsync()
    {
        _configuration.Applied -= Reloaded;
        foreach (var listener in _open)
        {
            await listener.Socket.DisposeAsync().ConfigureAwait(false);
        }
    }

    private BoundListener Open(string name, ListenerOptions options)
    {
        if (!ListenAddress.TryParseAny(options.Address, out var address, out var problem))
        {
            throw new TransportException(problem!);
        }

        var how = new ListenOptions
        {
            Backlog = options.Backlog,
            ReusePort = options.ReusePort,
            Mode = ListenerAccess.ModeOf(options),
            Transparent = options.Transparent,
            TurnAway = options.Tls.Mode == ListenerTlsMode.Implicit ? default : SessionHost.TurnAway,
        };
        if (address is SystemdEndPoint { Name: var passed })
        {
            how = how with
            {
                Inherited = _passed.Take(passed) ?? throw new TransportException(
                    $"systemd passed no socket named '{passed}' that another listener has not taken (left: {_passed.Names}); set " +
                        $"FileDescriptorName={passed} in the socket unit, or write an address."),
            };
        }

        _sessions.Admit(name, ListenerAccess.PolicyOf(options));
        _telemetry.Listening(name, options.Cluster);
        return new BoundListener(name, options.Cluster, _transport.Listen(address!, how, HandlersOf(name, options)));
    }

    private Func<Arrival, IPairHandler?> HandlersOf(string name, ListenerOptions options)
    {
        IPairHandler? Open(Arrival arrival) => _sessions.Open(name, options.Cluster, arrival);
        if (options.ProxyProtocol == ProxyProtocolUse.Off)
        {
            return Open;
        }

        _ = Networks.TryParse(options.ProxyProtocolFrom, out var from);
        var rules = new ProxyHeaderRules(name, options.ProxyProtocol == ProxyProtocolUse.Required, from, options.ProxyProtocolTimeout,
            _telemetry, _log);
        return arrival => rules.Begin(arrival, Open);
    }

    private void Reloaded(IReadOnlyCollection<string> changed)
    {
        var settings = _configuration.Current;
        foreach (var listener in _open)
        {
            // One that is gone from the file goes on as it was until the restart.
            if (settings.Listeners.TryGetValue(listener.Name, out var options))
            {
                _sessions.Admit(listener.Name, ListenerAccess.PolicyOf(options));
            }
        }

        TellLimits();
    }

    private void TellLimits()
    {
        var settings = _configuration.Current;
        QueueMemory.Limit = settings.Limits.QueueMemory;
        DialogueMemory.Bound(settings.Limits.DialogueMemory);
        _telemetry.RecordMemoryLimit(settings.Limits.RecordMemory);
        foreach (var listener in _open)
        {
            var own = settings.Listeners.GetValueOrDefault(listener.Name)?.MaxSessions ?? 0;
            int[] caps = [settings.Limits.MaxSessions, settings.Limits.MaxSessionsPerListener, own, _capacity.Sessions];
            _telemetry.SessionLimit(listener.Name, caps.Where(static cap => cap > 0).DefaultIfEmpty(0).Min());
        }
    }
}
