using SmtpProxy.Admin.Requests;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Output;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Listening;
using SmtpProxy.Live;
using SmtpProxy.Sessions;
using SmtpProxy.Sink;
using SmtpProxy.Transport;

namespace SmtpProxy.Cli.Running;

/// <summary>
/// The life of a proxy. Start: HTTP, journal and sink first, then the listeners; it is ready, and says so, when the pages are warm too.
/// Stop: listeners first, then sessions drain while metrics can still be read, then sink, journal and HTTP.
/// </summary>
internal sealed partial class ProxyRun : IAsyncDisposable
{
    /// <summary>What sessions may take beyond their deadline: their farewell, and the time to notice it.</summary>
    private static readonly TimeSpan Grace = SessionHost.Farewell + TimeSpan.FromSeconds(5);

    /// <summary>What requests may take that are under way at the end.</summary>
    private static readonly TimeSpan LastRequests = TimeSpan.FromSeconds(2);

    private readonly IHost _host;
    private readonly Func<IEnumerable<string>> _urls;
    private readonly ILogger<ProxyRun> _log;

    /// <summary>Creates it.</summary>
    /// <param name="host">Everything there is; disposed with this.</param>
    /// <param name="urls">Where HTTP is served, once it is.</param>
    public ProxyRun(IHost host, Func<IEnumerable<string>> urls)
    {
        _host = host;
        _urls = urls;
        _log = host.Services.GetRequiredService<ILogger<ProxyRun>>();
    }

    /// <summary>Whether standard output gets a line for each thing that listens.</summary>
    public bool Announces { get; set; } = true;

    /// <summary>One of the things that it is made of.</summary>
    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>The last sessions that ended; null: none are kept.</summary>
    public SightingStore? Sightings => _host.Services.GetService<SightingStore>();

    /// <summary>Runs until a signal, and then until everything is put away.</summary>
    /// <param name="company">Runs beside it once it is ready: given the listeners, the HTTP addresses and a token for the signal. When it
    /// ends, so does the proxy, and not before.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">Something cannot be opened.</exception>
    public async Task<int> RunAsync(Func<IReadOnlyList<BoundListener>, IEnumerable<string>, CancellationToken, Task>? company = null)
    {
        await StartAsync().ConfigureAwait(false);
        var settings = _host.Services.GetRequiredService<ValidatedConfiguration>();
        var listeners = _host.Services.GetRequiredService<Listeners>();
        var open = listeners.Open();
        // Mail does not wait for pages. What they need of descriptors, sessions do not take.
        var lifetime = _host.Services.GetRequiredService<IHostApplicationLifetime>();
        await AdminWarmUp.RunAsync(_urls(), settings.Current.Admin.BearerToken, _log, lifetime.ApplicationStopping).ConfigureAwait(false);
        var readiness = _host.Services.GetRequiredService<Readiness>();
        foreach (var listener in open)
        {
            readiness.Listening(listener.ToString());
        }

        readiness.Ready();
        var transport = _host.Services.GetRequiredService<ITransport>().Name;
        LogReady(transport);
        if (Announces)
        {
            // Where nobody reads, it serves all the same, and ends when it is told to.
            await Task.Run(() => Announce(open)).WaitAsync(lifetime.ApplicationStopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (company is not null)
        {
            await company(open, _urls(), lifetime.ApplicationStopping).ConfigureAwait(false);
            lifetime.StopApplication();
        }

        await lifetime.ApplicationStopping.WhenCancelled().ConfigureAwait(false);
        readiness.Stopping();
        await BeForgottenAsync(settings.Current.Limits.StopDelay).ConfigureAwait(false);
        listeners.Stop();
        await DrainAsync().ConfigureAwait(false);
        await PutAwayAsync().ConfigureAwait(false);
        return ExitCode.Good;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task StartAsync()
    {
        try
        {
            await _host.StartAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (StartFailures.Explain(e, _host.Services.GetRequiredService<IConfiguration>()) is { } problem)
        {
            throw new ConfigurationException([problem]);
        }
    }

    /// <summary>Tells scripts what is open. The listeners come last: after their lines everything is there.</summary>
    private void Announce(IReadOnlyList<BoundListener> listeners)
    {
        var sink = _host.Services.GetRequiredService<SinkService>();
        IEnumerable<string?> lines =
        [
            .. _urls().Select(static url => $"admin {url}"),
            sink.SmtpAddress is { } smtp ? $"sink smtp {smtp}" : null,
            sink.LmtpAddress is { } lmtp ? $"sink lmtp {lmtp}" : null,
            .. listeners.Select(static listener => $"listening {listener}"),
        ];
        var form = LogForms.Of(_host.Services.GetRequiredService<IConfiguration>());
        foreach (var line in lines.OfType<string>())
        {
            Console.Out.WriteLine(form == LogForm.Printable ? Printable.Of(line) : JsonLine.Ready(form, line));
        }
    }

    /// <summary>The time in which a balancer learns from <c>/readyz</c> to send no more clients. Until it
    /// is over they are served.</summary>
    private async Task BeForgottenAsync(TimeSpan delay)
    {
        if (delay > TimeSpan.Zero)
        {
            LogStopDelayed(delay);
            await Task.Delay(delay).ConfigureAwait(false);
        }
    }

    private async Task DrainAsync()
    {
        var sessions = _host.Services.GetRequiredService<SessionHost>();
        var deadline = _host.Services.GetRequiredService<ValidatedConfiguration>().Current.Limits.Drain;
        LogDraining(sessions.Count, deadline);
        try
        {
            await sessions.DrainAsync(deadline).WaitAsync(deadline + Grace).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogLeft(sessions.Count);
        }
    }

    /// <summary>Stops everything. Requests that are under way may end; who has sent half of one is not waited for.</summary>
    private async Task PutAwayAsync()
    {
        var stopping = _host.StopAsync();
        if (await Task.WhenAny(stopping, Task.Delay(LastRequests)).ConfigureAwait(false) != stopping)
        {
            if (Get<HttpConnections>().End() is var left and > 0)
            {
                LogRequestsLeft(left);
            }
        }

        await stopping.ConfigureAwait(false);
    }

    [LoggerMessage(EventId = 109, Level = LogLevel.Information, Message = "Ready, on the {Transport} transport")]
    private partial void LogReady(string transport);

    [LoggerMessage(EventId = 117, Level = LogLevel.Information,
        Message = "About to stop: not ready from now on, and listening for another {Delay}")]
    private partial void LogStopDelayed(TimeSpan delay);

    [LoggerMessage(EventId = 110, Level = LogLevel.Information,
        Message = "Stopping: {Sessions} sessions may finish their transactions within {Deadline}")]
    private partial void LogDraining(int sessions, TimeSpan deadline);

    [LoggerMessage(EventId = 111, Level = LogLevel.Warning, Message = "{Sessions} sessions did not end in time and are dropped")]
    private partial void LogLeft(int sessions);

    [LoggerMessage(EventId = 118, Level = LogLevel.Information, Message = "{Connections} HTTP connections were still open and are closed")]
    private partial void LogRequestsLeft(int connections);
}
