using System.Buffers;
using System.Diagnostics;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Portable;

/// <summary>Reads the legs of a pair and tells its session of octets and ends. Used on the pair's executor.</summary>
internal static class PortableReader
{
    /// <summary>With more than this unsent to a leg the other is not read, paused or not: it bounds memory whatever the session does. Twice
    /// what a session lets wait (<see cref="QueueMemory"/>).</summary>
    private const int UnsentBound = 320 * 1024;

    /// <summary>Reads of both legs, however short they are, before others have their turn and timers and signals are looked at.</summary>
    private const int TurnsAtOnce = 8;

    /// <summary>Reads while there is something, but lets others, and timers and signals, in between.</summary>
    /// <returns>There may be more.</returns>
    public static bool ReadOn(PortablePair pair)
    {
        var end = Stopwatch.GetTimestamp() + Turn.Ticks;
        for (var turns = 0; Read(pair) || Broke(pair, pair.ClientLeg) || Broke(pair, pair.RelayLeg); turns++)
        {
            if (turns == TurnsAtOnce || Stopwatch.GetTimestamp() >= end)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>One read: of the client while there is something, of the relay after that, or when the client
    /// had enough reads in a row.</summary>
    /// <returns>Whether there may be more.</returns>
    private static bool Read(PortablePair pair)
    {
        var client = pair.ClientLeg;
        var fromClient = Deliver(pair, client, pair.RelayLeg);
        if (pair.RelayLeg is not { } relay)
        {
            return fromClient;
        }

        if (fromClient && ++pair.ClientReads < TurnsAtOnce)
        {
            return true; // that read may have taken long: what came of the client meanwhile may be older than what came of the relay
        }

        if (!fromClient && MayRead(client, relay) && client.In.HasOctets)
        {
            return false; // they are older than what the relay says, and on their way here
        }

        pair.ClientReads = 0;
        return Deliver(pair, relay, client) || fromClient;
    }

    private static bool MayRead(PortableLeg leg, PortableLeg? other)
    {
        var unsent = other is { IsLive: true } ? other.Out.Unsent : 0;
        if (!leg.IsLive || leg.IsPaused || leg.HasEnded || unsent > UnsentBound || leg.Out.IsFull)
        {
            return false;
        }

        return leg.Splice > 0 ? other is not null && unsent == 0 : !leg.SpliceIsSettling || unsent == 0;
    }

    /// <summary>Tells what one read of a leg brings, if it may be read now.</summary>
    private static bool Deliver(PortablePair pair, PortableLeg leg, PortableLeg? other)
    {
        if (!MayRead(leg, other) || !leg.In.TryRead(out var octets, out var end))
        {
            return false;
        }

        if (end is { } how)
        {
            Ended(pair, leg, leg.Out.IsBroken ? EndKind.Reset : how);
            return true;
        }

        pair.Now = leg.In.ArrivedAt;
        pair.Arrived = Math.Min(pair.Now, leg.In.CameAt);
        var span = octets.FirstSpan;
        span = span[..Math.Min(span.Length, leg.Portion.Octets)];
        var unseen = leg.Splice > 0;
        leg.SpliceIsSettling = unseen;
        if (unseen)
        {
            span = span[..(int)Math.Min(leg.Splice, span.Length)];
            leg.Splice -= leg.Splice == long.MaxValue ? 0 : span.Length;
        }

        try
        {
            var before = Stopwatch.GetTimestamp();
            Show(pair, leg.Leg, span, unseen);
            leg.Portion.Took(span.Length, Stopwatch.GetTimestamp() - before);
        }
        finally
        {
            pair.Arrived = pair.Now;
            leg.In.Advance(octets.GetPosition(span.Length), span.Length);
        }

        return true;
    }

    private static void Show(PortablePair pair, Leg from, ReadOnlySpan<byte> octets, bool unseen)
    {
        if (unseen)
        {
            pair.Send(from.Other(), octets);
            pair.Handler.Spliced(from, octets.Length);
        }
        else
        {
            pair.Handler.Received(from, octets);
        }
    }

    private static void Ended(PortablePair pair, PortableLeg leg, EndKind how)
    {
        if (how == EndKind.Reset)
        {
            leg.Reset();
            pair.Handler.Ended(leg.Leg, EndKind.Reset);
            return;
        }

        leg.HasEnded = true;
        leg.Splice = 0;
        pair.WatchEnded();
        pair.Arrived = Math.Min(pair.Now, leg.In.CameAt);
        pair.Handler.Ended(leg.Leg, EndKind.Fin);
        pair.Arrived = pair.Now;
        leg.CloseIfOver();
    }

    /// <summary>Tells of a reset that no read would show.</summary>
    private static bool Broke(PortablePair pair, PortableLeg? leg)
    {
        if (leg is not { IsLive: true, IsGone: true })
        {
            return false;
        }

        Ended(pair, leg, EndKind.Reset);
        return true;
    }
}
