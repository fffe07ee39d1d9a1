using System.Diagnostics;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Pipeline;

/// <summary>What a faulted session may wait for.</summary>
internal enum FaultTimer : byte
{
    /// <summary>The held dial.</summary>
    Dial,

    /// <summary>The held command, body or dot.</summary>
    Forward,

    /// <summary>The pause in the slot of a reply.</summary>
    Slot,

    /// <summary>The next octets for the client under a limit of speed.</summary>
    ToClient,

    /// <summary>The next octets for the relay under a limit of speed.</summary>
    ToRelay,

    /// <summary>The client has said nothing for a time.</summary>
    Idle,

    /// <summary>The session reaches an age.</summary>
    Elapsed,
}

/// <summary>The timers of a faulted session on the one timer that its pair has for them.</summary>
internal sealed class FaultTimers(IPair pair)
{
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(1);
    private const int Count = (int)FaultTimer.Elapsed + 1;
    private readonly long[] _due = [.. Enumerable.Repeat(long.MaxValue, Count)];

    /// <summary>Starts it, or starts it anew.</summary>
    public void Set(FaultTimer timer, TimeSpan after)
    {
        _due[(int)timer] = pair.Clock() + (long)(Math.Max(0, after.TotalSeconds) * Stopwatch.Frequency);
        Arm();
    }

    /// <summary>Forgets it.</summary>
    public void Cancel(FaultTimer timer) => _due[(int)timer] = long.MaxValue;

    /// <summary>Takes one that has run out; null: none has, and the pair's timer is set for the next.</summary>
    public FaultTimer? TakeDue()
    {
        var earliest = Array.IndexOf(_due, _due.Min());
        if (_due[earliest] == long.MaxValue)
        {
            return null;
        }

        if (_due[earliest] > pair.Clock())
        {
            Arm();
            return null;
        }

        _due[earliest] = long.MaxValue;
        return (FaultTimer)earliest;
    }

    private void Arm()
    {
        var left = Stopwatch.GetElapsedTime(pair.Clock(), _due.Min());
        pair.SetTimer(PairTimer.Spare, left > Soonest ? left : Soonest);
    }
}
