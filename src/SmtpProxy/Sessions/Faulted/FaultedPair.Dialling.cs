using System.Diagnostics;
using SmtpProxy.Faults;
using SmtpProxy.Protocol;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>Before there is a relay: holds of the dial, dials that fail, and greetings that no relay gives.</summary>
internal sealed partial class FaultedPair
{
    private readonly List<Strike> _dialStrikes = [];
    private Slot? _greeting;
    private DialTarget _target;
    private DialFailure? _dialFails;
    private long _dialHeldSince = -1;
    private bool _withoutRelay;

    public void Dial(in DialTarget target)
    {
        if (_gates is not { } gates)
        {
            _pair.Dial(target);
            return;
        }

        _target = target;
        (_facts.Session, _facts.Destination) = (_telemetry.Id, _telemetry.Destination);
        _dialFails = null;
        var first = _greeting is null;
        if (first)
        {
            _greeting = gates.Slots.Open(FaultPoint.Greeting, Operation.Greeting, null);
            _greeting.Strike = Ask(FaultPoint.Connect);
        }

        var dial = _greeting!.Strike is { Withhold: true } ? null : Ask(FaultPoint.Dial);
        if (first && _greeting.Strike is not { Withhold: true })
        {
            Add(_greeting, Ask(FaultPoint.Greeting));
        }

        _dialFails = dial?.DialFails;
        _withoutRelay = _greeting.Strike is { Withhold: true };
        Keep(dial);
        var hold = (first ? _greeting.Strike?.BeforeDial ?? default : default) + (dial?.BeforeDial ?? default);
        if (hold <= TimeSpan.Zero && _dialFails is null && !_withoutRelay)
        {
            DialNow();
            return;
        }

        // Also without a hold: the answer to a dial never comes inside the call.
        _dialHeldSince = _pair.Clock();
        _wire.Hold();
        _wire.Timers.Set(FaultTimer.Dial, hold);
    }

    /// <summary>A rule at these points may want to see the dial itself; its injection is told when it is over.</summary>
    private void Keep(Strike? dial)
    {
        if (dial is not null)
        {
            _dialStrikes.Add(dial);
        }
    }

    private static void Add(Slot slot, Strike? strike)
    {
        if (strike is null)
        {
            return;
        }

        if (slot.Strike is not { } earlier)
        {
            slot.Strike = strike;
            return;
        }

        earlier.BeforeDial += strike.BeforeDial;
        earlier.Withhold |= strike.Withhold;
        earlier.Join(strike);
    }

    private Strike? Ask(FaultPoint point)
    {
        _facts.Elapsed = Stopwatch.GetElapsedTime(_began, _pair.Clock());
        var strike = _faults.Watches(point).HasFlag(Watch.Command) ? _faults.OnCommand(point, _facts) : null;
        if (strike?.Throttle is { } throttle)
        {
            _wire.Throttle(throttle);
        }

        return strike;
    }

    /// <summary>The hold of the dial is over.</summary>
    private void DialHeld()
    {
        if (_dialHeldSince < 0)
        {
            return;
        }

        EndDialHold();
        if (_withoutRelay)
        {
            WithoutRelay();
        }
        else
        {
            DialNow();
        }
    }

    private void DialNow()
    {
        if (_dialFails is not { } failure)
        {
            Report();
            _gates!.Replies.Owe(_greeting!);
            _pair.Dial(_target);
            return;
        }

        Report();
        var outcome = failure switch
        {
            DialFailure.Refused => DialOutcome.Refused,
            DialFailure.Timeout => DialOutcome.TimedOut,
            _ => DialOutcome.Failed,
        };
        Handler.Dialled(new DialResult(outcome, null, null, "fault injected") { IsInjected = true });
    }

    /// <summary>The client is greeted by a fault: no relay is asked, and the session need not know that there is none.</summary>
    private void WithoutRelay()
    {
        _wire.WithoutRelay();
        Handler.Dialled(new DialResult(DialOutcome.Connected, null, null, null) { IsInjected = true });
        _gates!.Slots.Answer(_greeting!);
    }

    private void Report()
    {
        foreach (var injection in _dialStrikes.SelectMany(static strike => strike.Injections))
        {
            _wire.Record(injection);
        }

        _dialStrikes.Clear();
    }

    private void EndDialHold()
    {
        var held = Stopwatch.GetElapsedTime(_dialHeldSince, _pair.Clock());
        _dialHeldSince = -1;
        _wire.Timers.Cancel(FaultTimer.Dial);
        _wire.Release();
        if (_dialStrikes is [var dial, ..])
        {
            dial.Held(held);
        }
        else
        {
            _greeting?.Strike?.Held(held);
        }
    }

    private void CancelDial()
    {
        if (_dialHeldSince >= 0)
        {
            EndDialHold();
            Report();
        }
    }
}
