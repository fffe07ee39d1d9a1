using System.Globalization;
using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Sink;

/// <summary>
/// What the sink accepted: counts of everything, envelopes of the last messages. Bodies are never kept. It lives in memory only and is for
/// whoever runs the sink, so the addresses in it are whole; they are written nowhere. Thread-safe.
/// </summary>
public sealed class SinkMailbox
{
    /// <summary>Recipients of one message that are kept; more are counted.</summary>
    public const int MaxKeptRecipients = 100;

    private readonly Lock _lock = new();
    private readonly Queue<SinkMessage> _messages = new();
    private readonly int _keep;
    private readonly TimeProvider _time;
    private long _messageCount;
    private long _octetCount;
    private long _lastId;
    private long _kept;

    /// <summary>Creates an empty mailbox.</summary>
    /// <param name="keep">Envelopes that are kept; the oldest makes room for the newest.</param>
    /// <param name="time">Wall time of the envelopes.</param>
    /// <param name="memory">Octets that the envelopes of open transactions may take, and as many again those that are kept;
    /// 0 = as many as there are.</param>
    public SinkMailbox(int keep, TimeProvider time, long memory = EnvelopeMemory.DefaultLimit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keep);
        ArgumentNullException.ThrowIfNull(time);
        _keep = keep;
        _time = time;
        Open = new EnvelopeMemory(memory);
        Greylist = new Greylist(time);
    }

    /// <summary>Messages that were accepted since the start.</summary>
    public long MessageCount => Interlocked.Read(ref _messageCount);

    /// <summary>Octets of those messages.</summary>
    public long OctetCount => Interlocked.Read(ref _octetCount);

    /// <summary>What open transactions take.</summary>
    internal EnvelopeMemory Open { get; }

    /// <summary>Who has tried before.</summary>
    internal Greylist Greylist { get; }

    /// <summary>The envelopes that are kept, newest first.</summary>
    public IReadOnlyList<SinkMessage> Messages()
    {
        lock (_lock)
        {
            return [.. _messages.Reverse()];
        }
    }

    /// <summary>A name for a message, unique in this process.</summary>
    internal string NextId() => string.Create(CultureInfo.InvariantCulture, $"S{Interlocked.Increment(ref _lastId):X9}");

    /// <summary>Counts a message, and keeps its envelope for a while.</summary>
    internal void Add(string id, Envelope envelope, IReadOnlyCollection<string> recipients, Via via, bool lmtp)
    {
        Interlocked.Increment(ref _messageCount);
        Interlocked.Add(ref _octetCount, envelope.Octets);
        if (_keep == 0)
        {
            return;
        }

        var message = new SinkMessage(id, _time.GetUtcNow(), envelope.From, [.. recipients.Take(MaxKeptRecipients)], recipients.Count,
            envelope.Octets, via == Via.Bdat ? "BDAT" : "DATA", lmtp ? "lmtp" : "smtp");
        var size = SizeOf(message);
        lock (_lock)
        {
            while (_messages.Count >= _keep || (_messages.Count > 0 && IsTooMuch(_kept + size)))
            {
                _kept -= SizeOf(_messages.Dequeue());
            }

            if (!IsTooMuch(size))
            {
                _kept += size;
                _messages.Enqueue(message);
            }
        }
    }

    private bool IsTooMuch(long octets) => Open.Limit > 0 && octets > Open.Limit;

    private static long SizeOf(SinkMessage message) =>
        EnvelopeMemory.Of(message.From.Length) + message.Recipients.Sum(static path => EnvelopeMemory.Of(path.Length));
}
