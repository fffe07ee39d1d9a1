using System.Diagnostics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Live;

/// <summary>Turns records into sightings, away from the loops.</summary>
internal sealed partial class SightingWriter(LiveOptions options, SightingKeeper keeper, SightingStore store, ClientTable clients,
    ILogger<SightingWriter> log) : BackgroundService
{
    /// <summary>Exchanges that cost about what a session costs besides: long sessions come in parts of hundreds, and would take a core
    /// where thousands of messages a second pass on few connections.</summary>
    private const int ExchangesOfASession = 32;

    /// <summary>What ends meanwhile is read at once, so that a busy proxy does not wake a thread for each session.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Allowance _good = new(options.MaxPerSecond);
    private readonly Allowance _bad = new(options.MaxPerSecond);
    private readonly SightingJson _json = new();
    private long _skipped;
    private long _skippedAt = long.MinValue;
    private bool _hasTold;

    /// <summary>Sessions that ended and are not in the store, because there were too many in their second.</summary>
    public long Skipped => Volatile.Read(ref _skipped) + keeper.Skipped;

    /// <summary>Whether that happened within the last minute.</summary>
    public bool IsSampled => Volatile.Read(ref _skippedAt) is > long.MinValue and var at
        && Stopwatch.GetElapsedTime(at) < TimeSpan.FromMinutes(1);

    /// <summary>Reads what waits.</summary>
    public void Drain()
    {
        while (keeper.TryRead(out var next))
        {
            try
            {
                Read(next.Record);
            }
            catch (Exception e) when (!_hasTold)
            {
                // One session that cannot be shown must not cost those that come after it.
                _hasTold = true;
                LogUnreadable(e);
            }
            catch (Exception)
            {
                Interlocked.Increment(ref _skipped);
            }

            next.Pool.Return(next.Record);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _json.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lost = 0L;
        while (!stoppingToken.IsCancellationRequested)
        {
            await keeper.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Drain();
            if (keeper.Skipped is var now && now != lost)
            {
                lost = now;
                Volatile.Write(ref _skippedAt, Stopwatch.GetTimestamp());
            }

            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Read(SessionRecord record)
    {
        // The journal's writer may have it, too, and both want its exchanges in order.
        lock (record)
        {
            ClientReader.Read(record, clients);
            var now = Stopwatch.GetTimestamp();
            if ((FactsReader.IsBad(record) ? _bad : _good).TryTake(now, 1 + (record.Exchanges.Count / ExchangesOfASession)))
            {
                store.Add(number => _json.Make(record, FactsReader.Read(record), number));
            }
            else
            {
                Interlocked.Increment(ref _skipped);
                Volatile.Write(ref _skippedAt, now);
            }
        }
    }

    [LoggerMessage(EventId = 392, Level = LogLevel.Warning,
        Message = "A session cannot be shown; it is not on the page, and nothing else is lost. Please report it")]
    private partial void LogUnreadable(Exception e);
}
