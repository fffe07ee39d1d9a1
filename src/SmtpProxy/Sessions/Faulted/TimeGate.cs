using SmtpProxy.Faults;
using SmtpProxy.Sessions.Pipeline;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>Times that rules wait for: the session's age, and the client's silence.</summary>
internal sealed class TimeGate(FaultedSession its)
{
    private bool _isOver;
    private List<FaultPoint>? _asking;

    /// <summary>Asks to be called when the session reaches the next age for which a rule waits.</summary>
    public void WatchAge()
    {
        var age = its.Age;
        if (its.Faults.IsArmed && its.Faults.NextElapsed(age) is { } next)
        {
            its.Wire.Timers.Set(FaultTimer.Elapsed, next - age);
        }
    }

    /// <summary>The client said something: its silence begins anew.</summary>
    public void WatchSilence()
    {
        if (!_isOver && its.Faults.IsArmed && its.Faults.NextIdle(TimeSpan.Zero) is { } silence)
        {
            its.Wire.Timers.Set(FaultTimer.Idle, silence);
        }
    }

    /// <summary>The client says no more: its silence means nothing.</summary>
    public void ClientEnded()
    {
        _isOver = true;
        its.Wire.Timers.Cancel(FaultTimer.Idle);
        if (_asking?.Remove(FaultPoint.Idle) == true)
        {
            its.Faults.Forget(FaultPoint.Idle, its.Facts);
        }
    }

    /// <summary>Such a time has come: something happens to the session that is no answer to anything.</summary>
    public void Strike(FaultPoint point)
    {
        if (its.Gates is not { } gates || its.Wire.IsOver)
        {
            return;
        }

        if (its.Ask(point) is { } strike)
        {
            if (strike.AbortRelay is { } how)
            {
                its.Wire.EndRelay(how);
                gates.Replies.RelayTaken();
            }

            gates.Slots.Now(new Slot(point, Protocol.Commands.Operation.Other) { Strike = strike });
        }
        else if (its.Faults.IsAsking(point, its.Facts) && _asking?.Contains(point) != true)
        {
            // Once, however often its time has come meanwhile: it is one question.
            (_asking ??= []).Add(point);
        }
    }

    /// <summary>The fleet has answered something.</summary>
    public void Decided()
    {
        if (_asking is { Count: > 0 } asking)
        {
            _asking = null;
            asking.ForEach(Strike);
        }
    }
}
