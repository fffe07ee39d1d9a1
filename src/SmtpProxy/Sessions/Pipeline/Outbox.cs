using System.Diagnostics;
using SmtpProxy.Faults;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Sessions.Pipeline;

/// <summary>Takes octets.</summary>
internal delegate void OctetSink(ReadOnlySpan<byte> octets);

/// <summary>What goes out on one leg: at once, or at a limited speed, or not at all for a time. An end (FIN)
/// goes after all that waits.</summary>
/// <param name="pair">Tells the time.</param>
/// <param name="send">Sends at once.</param>
/// <param name="shut">Sends FIN.</param>
/// <param name="timers">Timers of faults.</param>
/// <param name="timer">The one for this leg.</param>
internal sealed class Outbox(IPair pair, OctetSink send, Action shut, FaultTimers timers, FaultTimer timer)
{
    /// <summary>How often a limited leg gets octets; finer would cost wake-ups, coarser would come in jerks.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);

    private const int Enough = 64 * 1024;

    private readonly OctetQueue _waiting = new();
    private ThrottleSpec? _throttle;
    private double _allowance;
    private long _filledAt;
    private bool _shut;
    private bool _stalled;

    /// <summary>Octets that wait here; not those that wait in the transport.</summary>
    public int Waiting => _waiting.Length;

    /// <summary>More waits than there should.</summary>
    public bool IsFull => _waiting.Length > Enough;

    /// <summary>Whether a limit of speed or a stall holds octets back now.</summary>
    public bool IsHolding => _waiting.Length > 0;

    /// <summary>Whether the speed is limited.</summary>
    public bool IsThrottled => _throttle is not null;

    /// <summary>Limits the speed from here on; null ends it.</summary>
    public void Throttle(ThrottleSpec? spec)
    {
        _throttle = spec;
        if (spec is not null)
        {
            (_allowance, _filledAt) = (spec.Burst, pair.Clock());
        }
        else
        {
            Flush();
        }
    }

    /// <summary>Nothing goes out until <see cref="Unstall"/>.</summary>
    public void Stall() => _stalled = true;

    /// <summary>What waits goes out.</summary>
    public void Unstall()
    {
        _stalled = false;
        Flush();
    }

    /// <summary>Octets for the peer.</summary>
    public void Write(ReadOnlySpan<byte> octets)
    {
        if (_throttle is null && !_stalled && _waiting.Length == 0)
        {
            send(octets);
            return;
        }

        _waiting.Append(octets);
        Flush();
    }

    /// <summary>FIN after everything.</summary>
    public void Shut()
    {
        _shut = true;
        Flush();
    }

    /// <summary>Forgets what waits: the leg is gone.</summary>
    public void Drop()
    {
        Forget();
        _throttle = null;
    }

    /// <summary>Forgets what waits; the leg goes on as it is.</summary>
    public void ForgetWaiting()
    {
        _waiting.Clear();
        timers.Cancel(timer);
    }

    /// <summary>Forgets what waits, and not the limit of speed: there may be another leg.</summary>
    public void Forget()
    {
        _waiting.Clear();
        (_shut, _stalled) = (false, false);
        timers.Cancel(timer);
    }

    /// <summary>Sends what may go now, and asks to be called again for the rest.</summary>
    public void Flush()
    {
        if (_stalled)
        {
            return;
        }

        if (_waiting.Length > 0)
        {
            var allowed = Math.Min(_waiting.Length, Allowed());
            if (allowed > 0)
            {
                send(_waiting.Octets[..allowed]);
                _waiting.Remove(allowed);
                _allowance -= allowed;
            }

            if (_waiting.Length > 0)
            {
                timers.Set(timer, Beat);
                return;
            }
        }

        if (_shut)
        {
            _shut = false;
            shut();
        }
    }

    private int Allowed()
    {
        if (_throttle is not { } spec)
        {
            return int.MaxValue;
        }

        var now = pair.Clock();
        // Never more at once than the burst, or what a beat is worth.
        var most = Math.Max(spec.Burst, Math.Max(1, spec.BytesPerSecond * Beat.TotalSeconds));
        _allowance = Math.Min(most, _allowance + (Stopwatch.GetElapsedTime(_filledAt, now).TotalSeconds * spec.BytesPerSecond));
        _filledAt = now;
        return (int)Math.Min(int.MaxValue, _allowance);
    }
}
