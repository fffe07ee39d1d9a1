using System.Collections.Concurrent;
using System.Threading.Channels;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>Finished sessions on their way from the loops to the journal's writer. Bounded: what does not fit is dropped and counted, no loop
/// ever waits. Records are used again.</summary>
internal sealed class JournalQueue
{
    private const int MaxSpare = 256;
    private readonly Channel<SessionRecord> _channel;
    private readonly ConcurrentQueue<SessionRecord> _spare = new();
    private readonly Action _dropped;

    /// <summary>Creates an empty queue.</summary>
    /// <param name="capacity">Sessions that may wait.</param>
    /// <param name="maxEntries">Exchanges, and transactions, that are kept of a session.</param>
    /// <param name="dropped">Called for each session that did not fit.</param>
    public JournalQueue(int capacity, int maxEntries, Action dropped)
    {
        _channel = Channel.CreateBounded<SessionRecord>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _dropped = dropped;
        MaxEntries = maxEntries;
    }

    /// <summary>Exchanges, and transactions, that are kept of a session.</summary>
    public int MaxEntries { get; }

    /// <summary>What waits to be written.</summary>
    public ChannelReader<SessionRecord> Reader => _channel.Reader;

    /// <summary>A record to fill.</summary>
    public SessionRecord Rent() => _spare.TryDequeue(out var record) ? record : new SessionRecord();

    /// <summary>A record that is filled.</summary>
    public void Post(SessionRecord record)
    {
        if (!_channel.Writer.TryWrite(record))
        {
            _dropped();
            Return(record);
        }
    }

    /// <summary>A record that was written.</summary>
    public void Return(SessionRecord record)
    {
        if (_spare.Count < MaxSpare && record.IsSmall)
        {
            _spare.Enqueue(record);
        }
    }

    /// <summary>Nothing more will come.</summary>
    public void Complete() => _channel.Writer.TryComplete();
}
