using System.Net;
using SmtpProxy.Cli.Rehearsing;
using SmtpProxy.Cli.Running;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Live;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Testing;

/// <summary>An SMTP proxy in the process of a test, on loopback and a free port, between the code under test and a relay. The relay is one
/// of its own, which takes all mail and discards it, unless the setup names another. Several may run at the same time. No setting of
/// the machine, of files or of the environment has a say in it.</summary>
public sealed class SmtpProxyHost : IAsyncDisposable
{
    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RelayStand _relays = new(10_000);
    private readonly StandCertificate? _certificate;
    private ValidatedConfiguration? _configuration;
    private ProxyRun? _run;
    private Task _running = Task.CompletedTask;

    private SmtpProxyHost(SmtpProxySetup setup) => _certificate = setup.HasStartTls ? new StandCertificate() : null;

    /// <summary>Where clients connect.</summary>
    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>The address to give to a client: 127.0.0.1.</summary>
    public string Host => EndPoint.Address.ToString();

    /// <summary>The port to give to a client.</summary>
    public int Port => EndPoint.Port;

    /// <summary>The proxy's page and API, for a look at it while a test is being debugged.</summary>
    public Uri AdminAddress { get; private set; } = new("http://127.0.0.1");

    /// <summary>A PEM file with the certificate that clients have to trust, which is for localhost and 127.0.0.1; null: the setup asks for
    /// no STARTTLS.</summary>
    public string? CertificateFile => _certificate?.Public;

    /// <summary>What is broken on purpose.</summary>
    /// <exception cref="ObjectDisposedException">The proxy has ended.</exception>
    public SmtpFaults Faults
    {
        get
        {
            ObjectDisposedException.ThrowIf(_stop.Task.IsCompleted, this);
            return field;
        }

        private set;
    } = null!;

    /// <summary>The sessions that have ended so far, in the order in which they began. A session ends a moment after its client has left:
    /// <see cref="SessionsAsync"/> waits for it.</summary>
    public IReadOnlyList<SmtpSession> Sessions => Ended(_run!.Sightings!.Before());

    /// <summary>The messages that the proxy's own relay has taken, in that order: what was really delivered, whatever the client was told.
    /// Empty where the setup names another relay.</summary>
    public IReadOnlyList<SmtpMessage> Messages =>
        [.. _relays.Taken.Select(static m => new SmtpMessage(m.From, m.Recipients, m.Octets, m.Time))];

    /// <summary>Starts a proxy.</summary>
    /// <param name="set">What is different from a proxy before a relay that takes all mail; null: nothing.</param>
    /// <param name="cancel">Ends the start.</param>
    /// <exception cref="InvalidOperationException">It cannot be started; the message says why, and what to do.</exception>
    public static async Task<SmtpProxyHost> StartAsync(Action<SmtpProxySetup>? set = null, CancellationToken cancel = default)
    {
        var setup = new SmtpProxySetup();
        set?.Invoke(setup);
        var host = new SmtpProxyHost(setup);
        try
        {
            await host.OpenAsync(setup).WaitAsync(cancel).ConfigureAwait(false);
            return host;
        }
        catch (ConfigurationException e)
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw new InvalidOperationException($"The proxy cannot be started: {e.Message}", e);
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits until so many sessions have ended, and returns all that have.</summary>
    /// <param name="atLeast">How many.</param>
    /// <param name="within">How long to wait at most; null: ten seconds.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="TimeoutException">Fewer have; the message says how many.</exception>
    /// <exception cref="ObjectDisposedException">The proxy has ended.</exception>
    public async Task<IReadOnlyList<SmtpSession>> SessionsAsync(int atLeast = 1, TimeSpan? within = null,
        CancellationToken cancel = default)
    {
        ObjectDisposedException.ThrowIf(_stop.Task.IsCompleted, this);
        var (store, come) = (_run!.Sightings!, new SemaphoreSlim(0));
        void Added(Sighting added) => come.Release();
        store.Follow(Added, long.MaxValue);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(within ?? TimeSpan.FromSeconds(10));
            while (true)
            {
                var ended = Sessions;
                if (ended.Count >= atLeast)
                {
                    return ended;
                }

                try
                {
                    await come.WaitAsync(patience.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException over) when (!cancel.IsCancellationRequested)
                {
                    throw new TimeoutException(FormattableString.Invariant($"{ended.Count} of {atLeast} sessions have ended"), over);
                }
            }
        }
        finally
        {
            store.Leave(Added);
            come.Dispose();
        }
    }

    /// <summary>Ends it, with all sessions that are open.</summary>
    public async ValueTask DisposeAsync()
    {
        _stop.TrySetResult();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_run is not null)
        {
            await _run.DisposeAsync().ConfigureAwait(false);
        }

        _configuration?.Dispose();
        await _relays.DisposeAsync().ConfigureAwait(false);
        _certificate?.Dispose();
    }

    private static List<SmtpSession> Ended(IReadOnlyList<Sighting> newestFirst) =>
        [.. newestFirst.Reverse().Where(static s => !s.IsPart).Select(static s => new SmtpSession(
            SeenSession.Of(System.Text.Json.JsonElement.Parse(s.Detail.Span)))).OrderBy(static s => s.Began)];

    private async Task OpenAsync(SmtpProxySetup setup)
    {
        var relays = await setup.OpenAsync(_relays).ConfigureAwait(false);
        _configuration = ConfigurationSetup.LoadOnly(StandSettings.Create(relays, setup.SeedOfDraws, _certificate, setup.Settings));
        _run = Composition.Compose(_configuration, takesSignals: false);
        _run.Announces = false;
        var ready = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        _running = _run.RunAsync((listeners, urls, _) =>
        {
            EndPoint = (IPEndPoint)listeners[0].Address;
            ready.SetResult(new Uri(urls.First()));
            return _stop.Task;
        });
        if (await Task.WhenAny(ready.Task, _running).ConfigureAwait(false) == _running)
        {
            await _running.ConfigureAwait(false);
        }

        AdminAddress = await ready.Task.ConfigureAwait(false);
        Faults = new SmtpFaults(_run.Get<FaultEngine>());
    }
}
