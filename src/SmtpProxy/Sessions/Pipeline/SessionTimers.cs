using System.Runtime.CompilerServices;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Pipeline;

/// <summary>The limits of time of a session. None runs out while a fault holds what is waited for: whoever is waited for has its
/// whole time again after it.</summary>
internal sealed class SessionTimers(IPair pair)
{
    /// <summary>How long a peer may take to close after our FIN before the connection is closed without waiting for it.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private const int Count = (int)PairTimer.Session;
    private OfTimers<TimeSpan> _limits;
    private OfTimers<bool> _postponed;
    private bool _isAnyPostponed;

    /// <summary>Starts it, or starts it anew.</summary>
    public void Set(PairTimer timer, TimeSpan after)
    {
        if ((int)timer < Count)
        {
            (_limits[(int)timer], _postponed[(int)timer]) = (after, false);
        }

        pair.SetTimer(timer, after);
    }

    /// <summary>Forgets it.</summary>
    public void Cancel(PairTimer timer)
    {
        if ((int)timer < Count)
        {
            _postponed[(int)timer] = false;
        }

        pair.CancelTimer(timer);
    }

    /// <summary>It ran out while something is held.</summary>
    /// <returns>False: it runs out all the same.</returns>
    public bool Postpone(PairTimer timer)
    {
        if ((int)timer >= Count)
        {
            return false;
        }

        _postponed[(int)timer] = _isAnyPostponed = true;
        return true;
    }

    /// <summary>Nothing is held.</summary>
    public void GoOn()
    {
        if (!_isAnyPostponed)
        {
            return;
        }

        _isAnyPostponed = false;
        for (var timer = 0; timer < Count; timer++)
        {
            if (_postponed[timer])
            {
                _postponed[timer] = false;
                pair.SetTimer((PairTimer)timer, _limits[timer]);
            }
        }
    }

    /// <summary>Something of each timer that a fault can postpone, within its owner.</summary>
    [InlineArray(Count)]
    private struct OfTimers<T>
    {
        private T _first;
    }
}
