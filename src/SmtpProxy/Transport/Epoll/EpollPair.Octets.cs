using System.Diagnostics;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Epoll.Native;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll;

/// <content>How octets and ends come from the legs, and how what is unsent goes to them.</content>
internal sealed partial class EpollPair
{
    /// <summary>Reads of one leg in one turn; a pair with more waits until the others had theirs.</summary>
    private const int ReadsPerTurn = 8;

    /// <summary>Ticks that they may take: half a millisecond, so that twenty busy pairs delay the others by 10 ms, a timer's accuracy.</summary>
    private static readonly long s_turn = Stopwatch.Frequency / 2000;

    /// <summary>The inbound direction of a leg ended by FIN, unless the connection is known to be broken.</summary>
    internal void EndOf(Leg which)
    {
        ref EpollLeg leg = ref LegOf(which);
        if (leg.Has(LegState.WriteFailed))
        {
            BreakOf(which);
            return;
        }

        leg.State = (leg.State | LegState.Ended) & ~LegState.Readable;
        leg.SpliceLeft = 0;
        if (leg.Has(LegState.ShutDone))
        {
            leg.Close();
        }
        else if (leg.Has(LegState.Broken))
        {
            // A reset came after the FIN. The kernel shows only the FIN to readers.
            leg.State |= LegState.Suspect;
        }

        _handler.Ended(which, EndKind.Fin);
    }

    /// <summary>A leg is gone.</summary>
    internal void BreakOf(Leg which)
    {
        LegOf(which).Close();
        _handler.Ended(which, EndKind.Reset);
    }

    private void Flush(Leg which)
    {
        ref EpollLeg leg = ref LegOf(which);
        if (leg.Unsent == 0 || !leg.Has(LegState.Writable))
        {
            return;
        }

        leg.Flush();
        _loop.Splicer.Release(ref leg);
        if (leg.Unsent == 0 && !leg.Has(LegState.WriteFailed))
        {
            _handler.Drained(which);
        }
    }

    private void Read(Leg which)
    {
        ref EpollLeg leg = ref LegOf(which);
        if (leg.IsConnected && leg.Has(LegState.Suspect))
        {
            Examine(which, ref leg);
        }

        uint generation = leg.Generation;
        long end = long.MaxValue;
        for (int reads = 0; reads < ReadsPerTurn && _loop.Now < end && leg.Generation == generation && MayRead(which); reads++)
        {
            if (leg.SpliceLeft > 0)
            {
                _loop.Splicer.Move(this, which);
            }
            else
            {
                Receive(which, ref leg);
            }

            end = reads == 0 ? _loop.Now + s_turn : end;
        }
    }

    private unsafe void Receive(Leg which, ref EpollLeg leg)
    {
        int capacity = Math.Min(leg.Portion.Octets, _loop.Buffer.Length);
        int count = leg.Receive(_loop.Buffer.Pointer, capacity);
        _loop.TakeTime();
        if (count > 0)
        {
            if (count < capacity && !leg.Has(LegState.HungUp))
            {
                // Edge-triggered: less than asked for is all there was, and more will be a new edge.
                leg.State &= ~LegState.Readable;
            }

            _handler.Received(which, new ReadOnlySpan<byte>(_loop.Buffer.Pointer, count));
            if (count > Portion.Smallest)
            {
                leg.Portion.Took(count, Stopwatch.GetTimestamp() - _loop.Now);
            }

            return;
        }

        Conclude(which, ref leg, count);
    }

    /// <summary>Acts on a read that brought nothing: 0 for the end of the stream, below 0 an <see cref="Errno"/> with its sign changed.</summary>
    internal void Conclude(Leg which, ref EpollLeg leg, int answer)
    {
        if (answer == 0)
        {
            EndOf(which);
        }
        else if (answer != -Errno.WouldBlock)
        {
            BreakOf(which);
        }
        else if (leg.Has(LegState.WriteFailed))
        {
            // It refused octets and yet lives, out of memory for example; the session is promised that it is gone.
            leg.Reset();
            BreakOf(which);
        }
        else
        {
            leg.State &= ~(LegState.Readable | LegState.HungUp);
        }
    }

    /// <summary>The kernel reported an error on a leg that nobody reads from: is it gone? One with octets is kept until they were read.</summary>
    private void Examine(Leg which, ref EpollLeg leg)
    {
        leg.State &= ~LegState.Suspect;
        if (leg.Has(LegState.Ended))
        {
            BreakOf(which);
        }
        else if (!MayRead(which) && leg.IsBroken())
        {
            BreakOf(which);
        }
    }

    /// <summary>Whether a read makes sense: the kernel may have something, the session wants it, its peer takes what it is told, and a splice before it is through.</summary>
    private bool MayRead(Leg which)
    {
        ref EpollLeg leg = ref LegOf(which);
        const LegState Relevant = LegState.Readable | LegState.Connecting | LegState.Paused | LegState.Ended;
        if (!leg.IsOpen || (leg.State & Relevant) != LegState.Readable || leg.IsFull)
        {
            return false;
        }

        ref EpollLeg other = ref LegOf(which.Other());
        return leg.SpliceLeft > 0 ? other.Unsent == 0 : other.Pipe is null;
    }
}
