using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Telemetry.Export;

/// <summary>How the push of one signal fares: counts what becomes of it, and says once that it fails, or that it is well again. A failure
/// that follows another within <see cref="Interval"/> is told after it, if it lasts. Thread-safe.</summary>
internal sealed class ExportState(ExportSignal signal, ExportCounts counts, TimeProvider time) : IDisposable
{
    /// <summary>The shortest time between two complaints.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>What a stop waits, at most, for a collector that was well.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    /// <summary>What it waits for one that was not: long enough for one that is back.</summary>
    private static readonly TimeSpan LastTry = TimeSpan.FromSeconds(1);

    private readonly string _name = ExportCounts.NameOf(signal);
    private readonly Lock _changing = new();
    private readonly CancellationTokenSource _ended = new();
    private long? _complained;
    private long _lost;
    private long _droppedSinceSent;
    private bool _isFailing;
    private bool _isToldOfTrouble;

    /// <summary>Which signal it is.</summary>
    public ExportSignal Signal => signal;

    /// <summary>Where it is pushed: host and port, and nothing else of the URL, which can hold a password.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>Who is told; null until logs can be written.</summary>
    public ExportLog? Log { get; set; }

    /// <summary>Cancelled when nothing more is to be sent.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>The collector took items.</summary>
    public void Sent(long items)
    {
        counts.Exported(signal, items);
        long lost;
        lock (_changing)
        {
            // A queue that overflowed since the last request is not well, though a request went.
            var isDropping = _droppedSinceSent > 0;
            (_isFailing, _droppedSinceSent) = (false, 0);
            if (!_isToldOfTrouble || isDropping)
            {
                return;
            }

            (_isToldOfTrouble, lost, _lost) = (false, _lost, 0);
        }

        Log?.Recovered(_name, Endpoint, lost);
    }

    /// <summary>Items were sent, and the collector did not take them.</summary>
    /// <param name="items">How many; zero if that is not known.</param>
    /// <param name="why">In words, without anything secret.</param>
    public void Failed(long items, string why)
    {
        counts.Failed(signal, items);
        lock (_changing)
        {
            (_isFailing, _lost) = (true, _lost + items);
            if (!MayComplain())
            {
                return;
            }
        }

        Log?.Failed(_name, Endpoint, why);
    }

    /// <summary>Items were not even sent: more wait than may.</summary>
    public void Dropped(long items)
    {
        counts.Dropped(signal, items);
        lock (_changing)
        {
            (_droppedSinceSent, _lost) = (_droppedSinceSent + items, _lost + items);
            // Of a collector that fails, it is known why too many wait.
            if (_isFailing || !MayComplain())
            {
                return;
            }
        }

        Log?.Dropped(_name, Endpoint);
    }

    /// <summary>The process ends: what is on its way or waits has a short time left, and less where nothing went before.</summary>
    public void End()
    {
        lock (_changing)
        {
            _ended.CancelAfter(_isFailing ? LastTry : LastWords);
        }
    }

    public void Dispose() => _ended.Dispose();

    private bool MayComplain()
    {
        if (Log is null || _isToldOfTrouble || (_complained is { } last && time.GetElapsedTime(last) < Interval))
        {
            return false;
        }

        (_isToldOfTrouble, _complained) = (true, time.GetTimestamp());
        return true;
    }
}
