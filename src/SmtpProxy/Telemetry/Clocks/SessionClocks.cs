using System.Diagnostics;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry.Clocks;

/// <summary>The times of one session, in ticks of the monotonic clock: when buffers came and were forwarded, who each moment belonged to,
/// and the clocks that run across exchanges.</summary>
internal struct SessionClocks
{
    private BufferClock _buffer;
    private Attribution _attribution;
    private DialogueClocks _dialogue;
    private long _lastSet;
    private long _takenAt;

    /// <summary>Knows for how long octets were held; null: none ever are.</summary>
    public IHeldTime? HeldTime { private get; set; }

    /// <summary>The latest time that was handed in: facts of the dialogue come without one.</summary>
    public readonly long Now => Math.Max(_lastSet, _buffer.ReadAt);

    /// <summary><see cref="Now"/> for the record, whose clock does not stand still while a fault holds octets.</summary>
    public readonly long RecordNow => Now + Held;

    /// <summary><see cref="RecordNow"/>, or the moment that <see cref="UntilRead"/> divides where that is later: of a proxy that stood
    /// still before it noted when it had sent a command, the reply is older.</summary>
    public readonly long RecordUntilRead => Math.Max(Now, _attribution.Since) + Held;

    /// <summary>When the current buffer had come; 0 before the first.</summary>
    public readonly long ReadAt => _buffer.ReadAt;

    /// <summary>Whether the current buffer was read and not yet forwarded.</summary>
    public readonly bool IsBufferOpen => _buffer.IsOpen;

    private readonly long Held => HeldTime?.Held ?? 0;

    /// <summary>The owner of the present moment.</summary>
    public readonly Owner Owner => _attribution.Owner;

    /// <summary>A time that comes with no octets, such as that of a dial.</summary>
    public void Set(long at) => _lastSet = at;

    /// <summary>The session begins. Before the greeting everybody waits for the relay.</summary>
    public void Begin(long at, long noticed = 0)
    {
        _attribution.Begin(Owner.Relay, at);
        _lastSet = _takenAt = at;
        Delayed(at, noticed);
    }

    /// <summary>The relay's connection was established at this time.</summary>
    public void Established(long at) => _dialogue.Established(at);

    /// <summary>A dial is over. What the proxy took before it began is the proxy's own, and so is what a relay waited for that had to be
    /// told something first.</summary>
    /// <param name="began">When the dial was asked for; after this when it began.</param>
    /// <param name="dial">What came of it.</param>
    /// <param name="noticed">When that was noticed.</param>
    /// <returns>When it was over.</returns>
    public long Dialled(ref long began, in DialResult dial, long noticed)
    {
        _attribution.Delay(began, began + dial.Waited);
        began += dial.Waited;
        var over = noticed - dial.Late;
        // What the client sent meanwhile has waited for the relay until now.
        _attribution.Hand(_attribution.Owner, over);
        if (dial.RelayWaited)
        {
            _attribution.Delay(over, noticed);
        }

        return over;
    }

    /// <summary>Something came at one time and was noticed at another: the time between is the proxy's.</summary>
    public void Delayed(long from, long to)
    {
        if (from < to)
        {
            _attribution.Delay(from, to);
        }
    }

    /// <summary>A buffer came: until it is forwarded the time is the proxy's.</summary>
    public void Read(long at)
    {
        _buffer.Read(at);
        _attribution.Hand(Owner.Proxy, at);
    }

    /// <summary>The buffer was handed to the kernel, or waits for a peer that does not take it.</summary>
    /// <param name="clientIsFree">Whether everything is answered and the next octet of the client is a command.</param>
    /// <param name="at">When.</param>
    public void Forwarded(bool clientIsFree, long at)
    {
        _buffer.Forwarded(at);
        _dialogue.Forwarded(clientIsFree, at);
    }

    /// <summary>Octets passed that nobody looked at.</summary>
    public void Spliced(long at)
    {
        _buffer.Read(at);
        _buffer.Forwarded(at);
    }

    /// <summary>Gives the time from here on to this owner.</summary>
    public void WaitFor(Owner owner, long at) => _attribution.Hand(owner, at);

    /// <summary>How the time until this moment divides.</summary>
    public readonly Shares Until(long at) => _attribution.Until(at, Held);

    /// <summary>How the time divides that was not returned here before.</summary>
    public Shares Take(long at)
    {
        _takenAt = at;
        return _attribution.Take(at, Held);
    }

    /// <summary>The same where a second has passed since; nothing where it has not: sessions can last for hours, and what they
    /// wait for is wanted now.</summary>
    public Shares TakeEachSecond(long at) => at - _takenAt >= Stopwatch.Frequency ? Take(at) : default;

    /// <summary>How the time until the current buffer was read divides.</summary>
    public readonly Shares UntilRead() => _attribution.Until(_buffer.ReadAt, Held);

    /// <summary>A command, or data, was read: the exchange's clock starts with this buffer.</summary>
    public readonly void Stamp(ref Exchange exchange) => _buffer.Stamp(ref exchange);

    /// <summary>The client's think time before this command; -1: it had something else to wait for.</summary>
    public long TakeThinkTime(in Exchange exchange) =>
        exchange.Verb == Verb.EndOfData ? -1 : _dialogue.TakeThinkTime(exchange.Pipelined, _buffer.ReadAt);

    /// <summary>From the greeting to the session's first 354; -1: this is not the first, or there was no greeting.</summary>
    public long TakeDataReady() => _dialogue.TakeDataReady(_buffer.ReadAt);

    /// <summary>How long the relay took to reply, as each operation's clock is defined; -1: no clock ran.</summary>
    public long TakeDuration(in Exchange exchange) => _dialogue.TakeDuration(exchange, _buffer);

    /// <summary>The time of the body whose final dot was forwarded by now; -1: there is none.</summary>
    public long TakeBody(long at) => _dialogue.TakeBody(at);

    /// <summary>The final dot was read. Returns the body's time where it is known already; otherwise -1, and
    /// <see cref="TakeBody"/> returns it later.</summary>
    public long BodyEnded(in Exchange endOfData) => _dialogue.BodyEnded(endOfData, _buffer);

    /// <summary>AUTH was answered 334: the client thinks from when that is forwarded.</summary>
    public void Challenged() => _dialogue.Challenged(_buffer);

    /// <summary>The client's response to a 334 was read.</summary>
    public void Responded() => _dialogue.Responded(_buffer);

    /// <summary>The greeting is complete.</summary>
    /// <param name="accepted">Whether the relay itself said 2yz; only that starts the way to the first 354.</param>
    public void Greeted(bool accepted) => _dialogue.Greeted(accepted);

    /// <summary>An exchange has its final reply.</summary>
    public void AnswerGiven() => _dialogue.AnswerGiven();

    /// <summary>Returns when the relay had a command, as the record has it.</summary>
    public readonly long ForwardedAt(in Exchange exchange) => _buffer.ForwardedAt(exchange) + Held;

    /// <summary>Returns a time as the record has it, with what was held for faults.</summary>
    public readonly long ForRecord(long at) => at + Held;

    /// <summary>When an exchange was that is answered now, for the record.</summary>
    /// <param name="exchange">The exchange.</param>
    /// <param name="ticks">How long the relay took; -1: no clock ran.</param>
    public readonly Timing TimingOf(in Exchange exchange, long ticks)
    {
        var began = exchange.Verb != Verb.Greeting ? _buffer.ForwardedAt(exchange) : ticks < 0 ? -1 : Now - ticks;
        // Where the proxy stood still right after it had sent the command and before it noted when, the reply may seem to be older.
        return new Timing(ticks, began < 0 ? began : Math.Min(began + Held, RecordNow), RecordNow);
    }
}
