using System.Diagnostics;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Replies;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>What happens in one slot, step by step.</summary>
internal sealed class SlotRun(Slot slot, FaultWire wire)
{
    private readonly List<ReplyStep> _steps = [];
    private int _next;
    private long _heldSince = -1;
    private bool _isReply;
    private bool _isReleased;
    private ReplyStep.Stall? _stall;
    private Origin _origin;
    private int? _planned;
    private int? _said;
    private bool _isUnheard;
    private (int Index, int Part)? _expected;

    /// <summary>The slot.</summary>
    public Slot Slot => slot;

    /// <summary>Nothing is left to do.</summary>
    public bool IsDone { get; private set; }

    /// <summary>It goes on when a peer closes, and not before.</summary>
    public bool WaitsForPeer => _stall is { For: null };

    /// <summary>Code of the reply that the client got, so far as it came; null: none, or none that it could read.</summary>
    public int? ClientCode => _isUnheard ? null : IsDone ? _planned ?? _said : _said;

    /// <summary>Begins.</summary>
    public void Start()
    {
        (_isUnheard, _expected) = (wire.IsClientShut, wire.Expected);
        var real = slot.Real.Octets.ToArray();
        _steps.AddRange(Plan(real));
        var said = _steps.OfType<ReplyStep.Say>().SelectMany(static step => step.Octets.ToArray()).ToArray();
        // What reads as a reply is recorded as one. Anything else goes to the client unrecorded, and the
        // record keeps the relay's own words.
        var isRelays = slot.Strike?.Reply is null && slot.OwnReply is null;
        _isReply = ReplyCollector.IsWhole(said, out var code) || isRelays;
        code = isRelays ? slot.RealCode : code;
        _planned = code == 0 ? null : code;
        _origin = isRelays || (slot.RealCode != 0 && code == slot.RealCode) ? slot.Origin : Origin.Fault;
        if (slot.Strike is { BeforeReply.Ticks: > 0 } strike)
        {
            _steps.Insert(0, new ReplyStep.Pause(strike.BeforeReply));
        }

        if (slot.IsReleased)
        {
            Release(isStalled: _steps.Any(static step => step is ReplyStep.Stall));
        }

        Continue();
    }

    /// <summary>The pause is over.</summary>
    public void Resume()
    {
        EndHold();
        Continue();
    }

    /// <summary>A halt: nothing is waited for any more. A stall that would have kept the relay's reply from the client gives it.</summary>
    public void ReleaseNow()
    {
        if (IsDone)
        {
            return;
        }

        var isStalled = _stall is not null;
        EndHold();
        Release(isStalled);
        Continue();
    }

    /// <summary>The session is over.</summary>
    public void Abandon() => EndHold();

    private void Release(bool isStalled)
    {
        _isReleased = true;
        foreach (var injection in slot.Strike?.Injections ?? [])
        {
            injection.Released = true;
        }

        if (isStalled && slot.Real.Length > 0 && !_steps.Any(static step => step is ReplyStep.Say))
        {
            _steps.Clear();
            _steps.Add(new ReplyStep.Say(slot.Real.Octets.ToArray()));
            (_next, _isReply, _origin, _planned) = (0, true, slot.Origin, slot.RealCode);
        }
    }

    private IReadOnlyList<ReplyStep> Plan(byte[] real)
    {
        if (slot.OwnReply is { } own)
        {
            return slot.EndsSession
                ? [new ReplyStep.Say(own), new ReplyStep.End(EndKind.Fin)]
                : [new ReplyStep.Say(own)];
        }

        return slot.Strike?.Reply is { } plan ? plan(real) : [new ReplyStep.Say(real)];
    }

    private void Continue()
    {
        while (_next < _steps.Count && !wire.IsOver)
        {
            if (!Take(_steps[_next++]))
            {
                return;
            }
        }

        IsDone = true;
        TellEachRecipient();
        if (_isReply || wire.IsOver || slot.Real.Length == 0)
        {
            return;
        }

        if (slot is { Point: FaultPoint.StartTls, RealCode: 220 } && wire.GrantsTls && IsDenied)
        {
            // A grant that cannot be read is none: no TLS begins, and the client goes on in the clear.
            wire.FeedHidden(LocalReply.TlsBusy, Origin.Fault);
        }
        else
        {
            wire.FeedHidden(slot.Real.Octets, slot.Origin);
        }
    }

    /// <summary>Whether what was told is no grant to whoever began TLS at one: read as there, with patience for what is damaged.</summary>
    private bool IsDenied
    {
        get
        {
            var told = new ReplyCollector();
            foreach (var step in _steps.OfType<ReplyStep.Say>())
            {
                told.Take(step.Octets.Span);
            }

            return told.IsHopeless || told.Code is not (null or 220);
        }
    }

    /// <summary>LMTP has a verdict for each recipient (RFC 2033, section 4.2): of a message that the relay never had whole they are all
    /// the same.</summary>
    private void TellEachRecipient()
    {
        if (!_isReply || slot is not { Point: FaultPoint.EndOfData, Strike.Withhold: true })
        {
            return;
        }

        for (var due = wire.Expected; due is { } next && next.Index == _expected?.Index && next != _expected && !wire.IsOver;
            due = wire.Expected)
        {
            _expected = due;
            foreach (var step in _steps.OfType<ReplyStep.Say>())
            {
                wire.Tell(step.Octets.Span, _origin);
            }
        }
    }

    /// <summary>One step; false: the next one has to wait.</summary>
    private bool Take(ReplyStep step)
    {
        if (step is ReplyStep.Say { Octets: var octets } && ReplyCollector.IsWhole(octets.Span, out var code))
        {
            _said = code;
        }

        switch (step)
        {
            case ReplyStep.Say say when _isReply:
                wire.Tell(say.Octets.Span, _origin);
                return true;
            case ReplyStep.Say say:
                wire.SendUnrecorded(say.Octets.Span);
                return true;
            case ReplyStep.Pause pause when !_isReleased:
                Hold(pause.For);
                return false;
            case ReplyStep.Stall stall when !_isReleased:
                _stall = stall;
                wire.Stall(stall.Only, stall.StopReading);
                Hold(stall.For);
                return false;
            case ReplyStep.End end:
                End(end);
                return true;
            default:
                return true;
        }
    }

    private void End(ReplyStep.End end)
    {
        switch (end.Only)
        {
            case Leg.Client:
                wire.EndClient(end.How);
                break;
            case Leg.Relay:
                wire.EndRelay(end.How);
                break;
            default:
                wire.EndAll(end.How);
                break;
        }
    }

    private void Hold(TimeSpan? time)
    {
        _heldSince = wire.Clock();
        wire.Hold();
        if (time is { } limited)
        {
            wire.Timers.Set(FaultTimer.Slot, limited);
        }
    }

    private void EndHold()
    {
        if (_heldSince < 0)
        {
            return;
        }

        wire.Timers.Cancel(FaultTimer.Slot);
        slot.Strike?.Held(Stopwatch.GetElapsedTime(_heldSince, wire.Clock()));
        _heldSince = -1;
        if (_stall is { } stall)
        {
            wire.Unstall(stall.Only, stall.StopReading);
            _stall = null;
        }

        wire.Release();
    }
}
