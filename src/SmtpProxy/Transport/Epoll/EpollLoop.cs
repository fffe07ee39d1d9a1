using System.Diagnostics;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Epoll.Arrivals;
using SmtpProxy.Transport.Epoll.Pipes;
using SmtpProxy.Transport.Epoll.Timers;
using SmtpProxy.Transport.Native;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll;

/// <summary>
/// One thread, one epoll set, and the pairs on it. A wake-up first notes all events, then gives each pair that has any its turn, then
/// expires timers, takes messages and accepts connections. Which pair waits for which is in <see cref="PairQueue"/>.
/// </summary>
internal sealed unsafe class EpollLoop : IAsyncDisposable
{
    private const uint SocketEvents =
        Native.Epoll.In | Native.Epoll.Out | Native.Epoll.ReadHangUp | Native.Epoll.EdgeTriggered;

    private const int EventsAtOnce = 256;

    /// <summary>When what it deals with happened.</summary>
    internal LoopClock Time;

    private readonly ILogger _logger;
    private readonly PairTable _pairs = new();
    private readonly AcceptorTable _acceptors;
    private readonly ReadBuffer _buffer;
    private readonly Splicer _splicer;
    private readonly List<WheelEntry> _due = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _epoll;
    private readonly Thread _thread;
    private uint _generation;
    private long _wallWoke;
    private long _wallAhead;
    private bool _stopping;

    internal EpollLoop(int number, int readBuffer, ILogger logger, ConnectionBudget budget, Action<long> lagged)
    {
        _logger = logger;
        Lagged = lagged;
        Mailbox = new Mailbox();
        _epoll = Libc.EpollCreate(Native.Epoll.CloseOnExec);
        if (_epoll < 0)
        {
            int errno = Errno.Last;
            Mailbox.Dispose();
            throw new TransportException($"No epoll set: {Errno.Describe(errno)}");
        }

        _ = EpollEvents.Add(_epoll, Mailbox.Bell, Native.Epoll.In | Native.Epoll.EdgeTriggered, EventTag.Bell);
        Time = new LoopClock(Stopwatch.GetTimestamp(), StampedRead.Wall - Stopwatch.GetTimestamp());
        Wheel = new TimerWheel(Now);
        _buffer = new ReadBuffer(readBuffer);
        _splicer = new Splicer(this, _buffer, new PipePool(budget));
        Turns = new PairTurns(this, new LegReader(this, _buffer, _splicer));
        Queue = new PairQueue(Turns.Work, Stopwatch.GetTimestamp);
        _acceptors = new AcceptorTable(this);
        _thread = new Thread(Run) { IsBackground = true, Name = $"epoll loop {number}" };
        _thread.Start();
    }

    /// <summary>When what is being handled was taken from the kernel, in Stopwatch ticks.</summary>
    internal long Now => Time.Now;

    /// <summary>Told for how many ticks octets had waited until they were read: samples.</summary>
    internal Action<long> Lagged { get; }

    /// <summary>Calls the sessions of its pairs.</summary>
    internal PairTurns Turns { get; }

    /// <summary>Its pairs that have something to do.</summary>
    internal PairQueue Queue { get; }

    /// <summary>The deadlines of its pairs.</summary>
    internal TimerWheel Wheel { get; }

    /// <summary>How other threads reach it.</summary>
    internal Mailbox Mailbox { get; }

    internal AcceptorTable Acceptors => _acceptors;

    internal ILogger Logger => _logger;

    /// <summary>Pairs that are not closed; may be asked from any thread.</summary>
    internal int OpenPairs => _pairs.Count;

    internal bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Resets every pair, ends the thread and gives back its descriptors; from any thread.</summary>
    public ValueTask DisposeAsync()
    {
        Mailbox.Post(new LoopMessage(null, 0, () => _stopping = true));
        return new ValueTask(_ended.Task);
    }

    internal void TakeTime() => Time.Take(Stopwatch.GetTimestamp());

    /// <summary>The wall clock, by which the kernel stamps. It is looked at once in a wake-up: to do so for each read costs as much as the
    /// stamps do.</summary>
    internal long Wall()
    {
        if (_wallWoke != Time.Woke)
        {
            (_wallWoke, _wallAhead) = (Time.Woke, StampedRead.Wall - Stopwatch.GetTimestamp());
        }

        return Now + _wallAhead;
    }

    internal uint NextGeneration()
    {
        // 0 is no generation; after 2^32 connections the numbers come again, long after the last event of their first owners.
        _generation = _generation == uint.MaxValue ? 1 : _generation + 1;
        return _generation;
    }

    /// <summary>Begins to report a socket's events; once for its life. Closing it ends that.</summary>
    /// <returns>0, or an <see cref="Errno"/>.</returns>
    internal int Watch(int socket, uint generation, int slot, Leg leg) =>
        EpollEvents.Add(_epoll, socket, SocketEvents, EventTag.OfLeg(generation, slot, leg));

    /// <summary>Begins to report connections. One waiting loop is woken for each, not all.</summary>
    /// <returns>0, or an <see cref="Errno"/>.</returns>
    internal int WatchListener(int socket, int number) =>
        EpollEvents.Add(_epoll, socket, Native.Epoll.In | Native.Epoll.Exclusive, EventTag.OfListener(number));

    internal void UnwatchListener(int socket) => EpollEvents.Delete(_epoll, socket);

    /// <summary>Gives a new pair its slot.</summary>
    internal void Keep(EpollPair pair) => _pairs.Add(pair);

    /// <summary>Takes back the slot of a pair that is closed.</summary>
    internal void Forget(EpollPair pair)
    {
        Wheel.Remove(pair);
        _pairs.Remove(pair);
        pair.Listening.Leave();
    }

    private void Run()
    {
        using var events = new EpollEvents(EventsAtOnce);
        while (!_stopping)
        {
            WakeUp(events);
        }

        End();
    }

    private void WakeUp(EpollEvents events)
    {
        int count = Libc.EpollWait(_epoll, events.Pointer, events.Capacity, Patience());
        Time.WakeUp(Stopwatch.GetTimestamp(), tookAll: count >= 0 && count < events.Capacity);
        bool rung = false;
        for (int index = 0; index < count; index++)
        {
            uint bits = events.Read(index, out ulong data);
            var tag = new EventTag(data);
            if (tag.IsLeg)
            {
                if (_pairs[tag.Slot] is { } pair)
                {
                    Turns.Note(pair, tag.Leg, tag.Generation, bits);
                }
            }
            else if (data == EventTag.Bell)
            {
                rung = true;
            }
            else
            {
                _acceptors.Note(tag.Listener);
            }
        }

        if (Queue.Work())
        {
            TakeTime();
        }

        ExpireTimers();
        if (rung)
        {
            TakeMessages();
        }

        _acceptors.Accept();
    }

    /// <summary>How long to wait for events, in milliseconds; below 0 for ever.</summary>
    private int Patience()
    {
        if (Queue.HasWork)
        {
            return 0;
        }

        long due = Math.Min(Wheel.NextDue, _acceptors.NextDue);
        if (due == TimerWheel.Never)
        {
            return -1;
        }

        long ticksPerMillisecond = Stopwatch.Frequency / 1000;
        return (int)Math.Clamp((due - Stopwatch.GetTimestamp() + ticksPerMillisecond - 1) / ticksPerMillisecond, 0, int.MaxValue);
    }

    private void ExpireTimers()
    {
        Wheel.Advance(Now, _due);
        foreach (WheelEntry entry in _due)
        {
            entry.Expire();
        }

        _due.Clear();
    }

    private void TakeMessages()
    {
        foreach (LoopMessage message in Mailbox.Take())
        {
            TakeTime();
            if (message.Pair is { } pair)
            {
                Turns.Deliver(pair, message.Signal);
            }

            message.Action?.Invoke();
        }
    }

    private void End()
    {
        Mailbox.Dispose();
        // What arrived since, listeners and connections of other loops, ends with the rest.
        TakeMessages();
        _acceptors.Dispose();
        foreach (EpollPair pair in _pairs.Snapshot())
        {
            Turns.Abort(pair);
        }

        _splicer.Dispose();
        _buffer.Dispose();
        _ = Libc.Close(_epoll);
        _ended.SetResult();
    }
}
