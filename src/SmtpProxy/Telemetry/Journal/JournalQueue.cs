using System.Diagnostics;
using System.Threading.Channels;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Finished sessions on their way from the loops to the journal's writer. Bounded: what does not fit is dropped and counted, no
/// loop ever waits. Records are used again.</summary>
internal sealed class JournalQueue
{
    private readonly Channel<SessionRecord> _channel;
    private readonly Action _dropped;
    private readonly PerSecond _taken = new();

    /// <summary>Creates an empty queue.</summary>
    /// <param name="capacity">Sessions that may wait.</param>
    /// <param name="maxEntries">Exchanges, and transactions, that are kept of a session.</param>
    /// <param name="dropped">Called for each session that did not fit.</param>
    public JournalQueue(int capacity, int maxEntries, Action dropped)
    {
        _channel = Channel.CreateBounded<SessionRecord>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _dropped = dropped;
        Spare = new RecordPool(maxEntries);
    }

    /// <summary>Records that may be used again.</summary>
    public RecordPool Spare { get; }

    /// <summary>What waits to be written.</summary>
    public ChannelReader<SessionRecord> Reader => _channel.Reader;

    /// <summary>Sessions that are taken per second, and what is called for each one more; null: no cap. A flood of sessions
    /// shall not fill the disk.</summary>
    public (int PerSecond, Action Dropped)? Cap { get; init; }

    /// <summary>Whether a session hands over a record after each of its transactions, and not at its end alone.</summary>
    public bool IsPerTransaction { get; init; }

    /// <summary>Hands over a complete record.</summary>
    public void Post(SessionRecord record)
    {
        if (Cap is { } cap && !_taken.TryTake(cap.PerSecond, Stopwatch.GetTimestamp()))
        {
            cap.Dropped();
            Return(record);
        }
        else if (!_channel.Writer.TryWrite(record))
        {
            _dropped();
            Return(record);
        }
    }

    /// <summary>Takes back a record that was written.</summary>
    public void Return(SessionRecord record) => Spare.Return(record);

    /// <summary>Ends the queue: nothing more will come.</summary>
    public void Complete() => _channel.Writer.TryComplete();
}
