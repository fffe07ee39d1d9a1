using System.Diagnostics;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>Before there is a relay: holds of the dial, dials that fail, and greetings that no relay gives.</summary>
/// <param name="context">The session.</param>
/// <param name="its">Its faults.</param>
/// <param name="filter">Dials, and tells what came of it.</param>
internal sealed class DialGate(SessionContext context, FaultedSession its, IDials filter)
{
    private Slot? _greeting;
    private RelayTarget _target;
    private DialOutcome? _dialFails;
    private long _dialHeldSince = -1;
    private bool _withoutRelay;
    private bool _isFirst;
    private bool _isAsking;
    private DialStage _stage;
    private Strike? _dial;

    /// <summary>What was asked about a dial so far.</summary>
    private enum DialStage : byte
    {
        Connect,
        Dial,
        Greeting,
        All,
    }

    /// <summary>A relay is to be dialled.</summary>
    public void Dial(in RelayTarget target)
    {
        if (its.Gates is not { } gates)
        {
            filter.DialNow(target);
            return;
        }

        _target = target;
        its.Name();
        _dialFails = null;
        _dial = null;
        _isFirst = _greeting is null;
        if (_isFirst)
        {
            _greeting = gates.Slots.Open(FaultPoint.Greeting, Operation.Greeting, null);
        }
        else
        {
            gates.Renew();
        }

        _stage = _isFirst ? DialStage.Connect : DialStage.Dial;
        Prepare();
    }

    /// <summary>The fleet has answered something.</summary>
    public void Decided()
    {
        if (_isAsking)
        {
            StopAsking();
            Prepare();
        }
    }

    /// <summary>Asks what strikes, one point after the other, and then dials.</summary>
    private void Prepare()
    {
        for (; _stage < DialStage.All; _stage++)
        {
            if (!IsAsked())
            {
                _isAsking = true;
                its.Wire.Hold();
                return;
            }
        }

        _dialFails = _dial?.DialFails;
        _withoutRelay = _greeting!.Strike is { Withhold: true };
        var hold = (_isFirst ? _greeting.Strike?.BeforeDial ?? default : default) + (_dial?.BeforeDial ?? default);
        if (hold <= TimeSpan.Zero && _dialFails is null && !_withoutRelay)
        {
            DialNow();
            return;
        }

        // Also without a hold: the answer to a dial never comes inside the call.
        _dialHeldSince = context.Pair.Clock();
        its.Wire.Hold();
        its.Wire.Timers.Set(FaultTimer.Dial, hold);
    }

    /// <summary>Asks at one point. False: the fleet is being asked.</summary>
    private bool IsAsked()
    {
        var point = _stage switch
        {
            DialStage.Connect => FaultPoint.Connect,
            DialStage.Dial => FaultPoint.Dial,
            _ => FaultPoint.Greeting,
        };
        var isMoot = _stage != DialStage.Connect && _greeting!.Strike is { Withhold: true };
        if (isMoot || (_stage == DialStage.Greeting && !_isFirst))
        {
            return true;
        }

        var strike = Ask(point);
        if (its.Faults.IsAsking(point, its.Facts))
        {
            return false;
        }

        if (_stage == DialStage.Dial)
        {
            _dial = strike;
        }
        else
        {
            Add(_greeting!, strike);
        }

        return true;
    }

    private void StopAsking()
    {
        _isAsking = false;
        its.Wire.Release();
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

    private Strike? Ask(FaultPoint point) => its.Faults.Watches(point).HasFlag(Watch.Command) ? its.Ask(point) : null;

    /// <summary>The hold of the dial is over.</summary>
    public void Continue()
    {
        Decided();
        if (_dialHeldSince < 0)
        {
            return;
        }

        EndHold();
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
        Report();
        if (_dialFails is not { } failure)
        {
            its.Gates!.Replies.Owe(_greeting!);
            filter.DialNow(_target);
            return;
        }

        filter.AnswerDial(new DialNote(new DialResult(failure, null, null, "fault injected")) { IsInjected = true });
    }

    /// <summary>The client is greeted by a fault: no relay is asked, and the session need not know that there is none.</summary>
    private void WithoutRelay()
    {
        its.Wire.WithoutRelay();
        filter.AnswerDial(new DialNote(new DialResult(DialOutcome.Connected, null, null, null)) { IsInjected = true });
        its.Gates!.Slots.Answer(_greeting!);
    }

    /// <summary>Records what struck the dial, once.</summary>
    private void Report()
    {
        foreach (var injection in _dial?.Injections ?? [])
        {
            its.Wire.Record(injection);
        }

        _dial = null;
    }

    private void EndHold()
    {
        var held = Stopwatch.GetElapsedTime(_dialHeldSince, context.Pair.Clock());
        _dialHeldSince = -1;
        its.Wire.Timers.Cancel(FaultTimer.Dial);
        its.Wire.Release();
        (_dial ?? _greeting!.Strike)?.Held(held);
    }

    /// <summary>The dial is given up, or the session is over.</summary>
    public void Cancel()
    {
        if (_isAsking)
        {
            StopAsking();
        }

        if (_dialHeldSince >= 0)
        {
            EndHold();
        }

        Report();
    }
}
