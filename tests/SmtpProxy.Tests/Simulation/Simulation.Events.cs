using System.Security.Authentication;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Simulation;

// What can happen next, and what it does.
public sealed partial class Simulation
{
    private readonly List<Action> _possible = [];

    /// <summary>An event that can happen now, or after the shortest scripted wait; null when there is none.</summary>
    private Action? Next()
    {
        if (!_accepted)
        {
            return Accept;
        }

        while (true)
        {
            Collect();
            if (_possible.Count > 0)
            {
                return _possible[_random?.Next(_possible.Count) ?? 0];
            }

            if (NextScripted() is not { } scripted)
            {
                return null;
            }

            _time.PassTo(Math.Min(scripted, Pair.NextTimer()?.At ?? long.MaxValue));
        }
    }

    private void Collect()
    {
        _possible.Clear();
        Add(Pair.ClientLeg.DrainedIsDue && Pair.ClientLeg.Unsent == 0, () => Drain(Pair.ClientLeg));
        Add(Pair.RelayLeg.DrainedIsDue && Pair.RelayLeg.Unsent == 0, () => Drain(Pair.RelayLeg));
        Add(Pair.ClientLeg.CanBeRead(Pair.RelayLeg) || Pair.RelayLeg.CanBeRead(Pair.ClientLeg), WakeUp);
        Add(Pair.Signals.Count > 0, Signal);
        Add(Pair.Dialling?.Answer is { } answer && answer.At <= _time.Now, AnswerDial);
        Add(Pair.NextTimer() is { } timer && timer.At <= _time.Now, RunOut);
        Add(CanTake(Pair.ClientLeg), () => OpenWindow(Pair.ClientLeg));
        Add(CanTake(Pair.RelayLeg), () => OpenWindow(Pair.RelayLeg));
        Add(Pair.ClientLeg is { IsShaking: true, PendingEnd: not null }, () => Shaken(Pair.ClientLeg, new IOException("the peer left")));
        Add(Pair.RelayLeg is { IsShaking: true, PendingEnd: not null }, () => Shaken(Pair.RelayLeg, new IOException("the peer left")));
        Add(CanAct(Pair.ClientLeg), () => Act(Pair.ClientLeg));
        Add(CanAct(Pair.RelayLeg), () => Act(Pair.RelayLeg));
    }

    private void Add(bool possible, Action what)
    {
        if (possible)
        {
            _possible.Add(what);
        }
    }

    private bool CanAct(SimulatedLeg leg) => leg is { IsLive: true, PendingEnd: not EndKind.Reset, Inbox: < InboxSize }
        && leg.Peer.Ready(_time.Now, leg.IsShaking) == 0;

    private static bool CanTake(SimulatedLeg leg) => leg is { IsLive: true, MaySend: > 0, PendingEnd: not EndKind.Reset }
        && leg.Peer.Window is not <= 0;

    private long? NextScripted()
    {
        long? next = Pair.Dialling?.Answer?.At;
        foreach (var leg in (ReadOnlySpan<SimulatedLeg>)[Pair.ClientLeg, Pair.RelayLeg])
        {
            if (leg is { IsLive: true, PendingEnd: not EndKind.Reset } && leg.Peer.Ready(_time.Now, leg.IsShaking) is { } at and > 0
                && !(next <= at))
            {
                next = at;
            }
        }

        return next;
    }

    private void Accept()
    {
        _accepted = true;
        Pair.ClientLeg.Connect(Client);
        Call("Accepted", () => Handler.Accepted(Pair));
    }

    /// <summary>The peer does the next thing in its script: it arrives, and is read in a wake-up of its own.</summary>
    private void Act(SimulatedLeg leg)
    {
        var (kind, octets) = leg.Peer.Next(Cut);
        _transcript.Add($"  {leg.Peer.Name}: {kind} {Transcript.Show(octets)}");
        switch (kind)
        {
            case SimulatedPeer.ActKind.Octets:
                leg.Arrive(octets);
                break;
            case SimulatedPeer.ActKind.Shake:
                Shaken(leg, null);
                break;
            case SimulatedPeer.ActKind.Reset:
                leg.ArriveEnd(EndKind.Reset, overtakes: Chance(), shows: _random is null || Chance());
                break;
            default:
                leg.ArriveEnd(EndKind.Fin, overtakes: false, shows: false);
                break;
        }
    }

    /// <summary>The loop wakes up: one read of each leg that has something, the client's first.</summary>
    private void WakeUp()
    {
        Read(Pair.ClientLeg, Pair.RelayLeg);
        if (!Pair.ClientLeg.IsLive)
        {
            CloseIfOver();
        }

        if (!IsClosed)
        {
            Read(Pair.RelayLeg, Pair.ClientLeg);
        }
    }

    private void Read(SimulatedLeg leg, SimulatedLeg other)
    {
        if (!leg.CanBeRead(other))
        {
            return;
        }

        if (leg.Inbox > 0 && !leg.IsBlocked(other))
        {
            Deliver(leg, other);
        }
        else if (leg.PendingEnd == EndKind.Reset)
        {
            leg.Kill(tellPeer: false);
            Call($"Ended {leg.Leg} Reset", () => Handler.Ended(leg.Leg, EndKind.Reset));
        }
        else
        {
            leg.Finish();
            Call($"Ended {leg.Leg} Fin", () => Handler.Ended(leg.Leg, EndKind.Fin));
        }
    }

    private void Deliver(SimulatedLeg leg, SimulatedLeg other)
    {
        if (leg.Splice > 0)
        {
            Splice(leg, other);
            return;
        }

        leg.SpliceIsSettling = false;
        var before = other.Unsent;
        var octets = leg.Read(Cut(Math.Min(leg.Inbox, ReadSize)));
        Call($"Received {leg.Leg} {Transcript.Show(octets)}", () => Handler.Received(leg.Leg, octets));
        SimulatedPair.Refuse(
            before > Slack && other.Unsent > before,
            $"{leg.Leg} is still read, and passed on, although {before} octets were unsent to the other leg");
    }

    private void Splice(SimulatedLeg leg, SimulatedLeg other)
    {
        SimulatedPair.Refuse(other.IsShut, $"Splice to the {other.Leg} after Shut");
        var octets = leg.Read((int)Math.Min(leg.Splice, Cut(Math.Min(leg.Inbox, ReadSize))));
        leg.Splice -= leg.Splice == long.MaxValue ? 0 : octets.Length;
        if (other.IsLive)
        {
            other.Send(octets, TakenNow(other));
        }

        leg.SpliceIsSettling = true;

        Call($"Spliced {leg.Leg} {octets.Length}", () => Handler.Spliced(leg.Leg, octets.Length));
    }

    private void Drain(SimulatedLeg leg)
    {
        leg.DrainedIsDue = false;
        Call($"Drained {leg.Leg}", () => Handler.Drained(leg.Leg));
    }

    private void OpenWindow(SimulatedLeg leg) =>
        leg.Take(Math.Min(leg.MaySend, leg.Peer.Window ?? (_random?.Next(1, 200) ?? leg.MaySend)));

    private void AnswerDial()
    {
        var (target, answer) = Pair.Dialling!.Value;
        Pair.Dialling = null;
        if (answer!.Value.Outcome == DialOutcome.Connected)
        {
            Pair.RelayLeg.Connect(Relays(_connected++));
        }

        var result = Dials.Result(answer.Value.Outcome, target.Address);
        Call($"Dialled {result.Outcome}", () =>
        {
            if (result.Outcome == DialOutcome.Connected)
            {
                Pair.Send(Leg.Relay, target.Preamble.Span);
            }

            Handler.Dialled(result);
        });
    }

    private void RunOut()
    {
        var timer = Pair.NextTimer()!.Value.Timer;
        Pair.Forget(timer);
        foreach (var leg in (ReadOnlySpan<SimulatedLeg>)[Pair.ClientLeg, Pair.RelayLeg])
        {
            if (leg.IsShaking && timer == SimulatedPair.HandshakeOf(leg.Leg))
            {
                Shaken(leg, new TimeoutException());
                return;
            }
        }

        Call($"TimedOut {timer}", () => Handler.TimedOut(timer));
    }

    /// <summary>A handshake is over. Where it failed the leg is gone.</summary>
    private void Shaken(SimulatedLeg leg, Exception? failure)
    {
        Pair.Forget(SimulatedPair.HandshakeOf(leg.Leg));
        leg.Shaken();
        if (failure is not null)
        {
            leg.Kill(tellPeer: true);
        }

        var handshake = new TlsHandshake(
            leg.Leg, leg.ShakesSince, _time.Now, failure is null ? SslProtocols.Tls13 : SslProtocols.None,
            failure is null ? "TLS_AES_128_GCM_SHA256" : null, null, failure);
        Call($"Secured {leg.Leg} {handshake.Succeeded}", () =>
        {
            Handler.Secured(handshake);
            if (leg.Leg == Leg.Client && failure is not null)
            {
                Handler.Ended(Leg.Client, EndKind.Reset);
            }
        });
    }

    private void Signal()
    {
        var what = Pair.Signals.Dequeue();
        Call($"Signalled {what}", () => Handler.Signalled(what));
    }

    /// <summary>How much of this many octets comes at once: often one, often all, otherwise anything between.</summary>
    private int Cut(int size) => _random?.Next(4) switch
    {
        null or 0 => size,
        1 => 1,
        2 => _random.Next(1, Math.Min(size, 20) + 1),
        _ => _random.Next(1, size + 1),
    };

    private bool Chance() => _random is { } random && random.Next(2) == 0;
}
