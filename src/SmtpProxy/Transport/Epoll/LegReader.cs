using System.Diagnostics;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Epoll.Arrivals;
using SmtpProxy.Transport.Epoll.Legs;
using SmtpProxy.Transport.Native;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll;

/// <summary>Reads the legs of a loop's pairs and tells their sessions of octets and ends; sends what is unsent to
/// them. One for the loop.</summary>
internal sealed class LegReader(EpollLoop loop, ReadBuffer buffer, Splicer splicer)
{
    /// <summary>Reads of one leg in one turn, however short they are; a pair with more waits until the others had theirs.</summary>
    private const int ReadsPerTurn = 8;

    /// <summary>Sends what is unsent to a leg, as far as the kernel takes it.</summary>
    internal void Flush(EpollPair pair, Leg which)
    {
        ref EpollLeg leg = ref pair.LegOf(which);
        if (leg.Unsent == 0 || !leg.Has(LegState.Writable))
        {
            return;
        }

        leg.Flush();
        splicer.Release(ref leg);
        if (leg.Unsent == 0 && !leg.Has(LegState.WriteFailed))
        {
            pair.Handler.Drained(which);
        }
    }

    /// <summary>Reads a leg for as long as its turn lasts.</summary>
    internal void Read(EpollPair pair, Leg which)
    {
        ref EpollLeg leg = ref pair.LegOf(which);
        if (leg.IsConnected && leg.Has(LegState.Suspect))
        {
            Examine(pair, which, ref leg);
        }

        uint generation = leg.Generation;
        long end = 0;
        for (int reads = 0;
            reads < ReadsPerTurn && leg.Generation == generation && MayRead(pair, which)
                && (reads == 0 || Stopwatch.GetTimestamp() < end);
            reads++)
        {
            int count = leg.SpliceLeft > 0 ? splicer.Move(pair, which) : Receive(pair, which, ref leg);
            if (count <= 0)
            {
                Conclude(pair, which, ref leg, count);
                loop.Time.Handled();
            }

            end = reads == 0 ? loop.Now + Turn.OfALeg : end;
        }

        // What was not read in this turn waits for another reason.
        leg.State &= ~LegState.Fresh;
    }

    /// <summary>Whether a leg has something to be looked at.</summary>
    internal static bool IsBusy(EpollPair pair, Leg which)
    {
        ref EpollLeg leg = ref pair.LegOf(which);
        return MayRead(pair, which) || (leg.IsConnected && leg.Has(LegState.Suspect));
    }

    /// <summary>One read, which the session is shown.</summary>
    /// <returns>How many octets; 0 at the end of the stream; below 0 an <see cref="Errno"/> with its sign changed.</returns>
    private unsafe int Receive(EpollPair pair, Leg which, ref EpollLeg leg)
    {
        int capacity = Math.Min(leg.Portion.Octets, buffer.Length);
        int count = TimedRead.Receive(loop, ref leg, buffer.Pointer, capacity);
        if (count <= 0)
        {
            return count;
        }

        if (count < capacity && !leg.Has(LegState.HungUp))
        {
            // Edge-triggered: less than asked for is all there was, and more will be a new edge.
            leg.State &= ~LegState.Readable;
        }

        pair.Handler.Received(which, new ReadOnlySpan<byte>(buffer.Pointer, count));
        loop.Time.Handled();
        if (leg.Portion.Judges(count))
        {
            leg.Portion.Took(count, Stopwatch.GetTimestamp() - loop.Now);
        }

        return count;
    }

    /// <summary>Acts on a read that brought nothing: 0 for the end of the stream, below 0 an
    /// <see cref="Errno"/> with its sign changed.</summary>
    private void Conclude(EpollPair pair, Leg which, ref EpollLeg leg, int result)
    {
        if (result == 0)
        {
            End(pair, which, ref leg);
        }
        else if (result != -Errno.WouldBlock)
        {
            Break(pair, which, ref leg);
        }
        else if (leg.Has(LegState.WriteFailed))
        {
            // It refused octets and yet lives, out of memory for example; the session is promised that it is gone.
            leg.Reset();
            Break(pair, which, ref leg);
        }
        else
        {
            leg.State &= ~(LegState.Readable | LegState.HungUp);
        }
    }

    /// <summary>The inbound direction of a leg ended by FIN, unless the connection is known to be broken.</summary>
    private void End(EpollPair pair, Leg which, ref EpollLeg leg)
    {
        if (leg.Has(LegState.WriteFailed))
        {
            Break(pair, which, ref leg);
            return;
        }

        loop.Time.Aged(loop.Time.MayBeVeryLate ? StampedRead.Age(leg.Socket) : 0);
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

        pair.Handler.Ended(which, EndKind.Fin);
    }

    /// <summary>A leg is gone.</summary>
    private static void Break(EpollPair pair, Leg which, ref EpollLeg leg)
    {
        leg.Close();
        pair.Handler.Ended(which, EndKind.Reset);
    }

    /// <summary>The kernel reported an error on a leg that nobody reads from: is it gone? One with octets is
    /// kept until they were read.</summary>
    private static void Examine(EpollPair pair, Leg which, ref EpollLeg leg)
    {
        leg.State &= ~LegState.Suspect;
        if (leg.Has(LegState.Ended) || (!MayRead(pair, which) && leg.IsBroken()))
        {
            Break(pair, which, ref leg);
        }
    }

    /// <summary>Whether a read makes sense: the kernel may have something, the session wants it, its peer takes what it is sent, and a
    /// splice before it is finished.</summary>
    private static bool MayRead(EpollPair pair, Leg which)
    {
        ref EpollLeg leg = ref pair.LegOf(which);
        const LegState Relevant = LegState.Readable | LegState.Connecting | LegState.Paused | LegState.Ended;
        if (!leg.IsOpen || (leg.State & Relevant) != LegState.Readable || leg.IsFull)
        {
            return false;
        }

        ref EpollLeg other = ref pair.LegOf(which.Other());
        return leg.SpliceLeft > 0 ? other.Unsent == 0 : other.Pipe is null;
    }
}
