using System.Net;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry;

/// <summary>One open session among the others: where it goes, and what it waits for.</summary>
/// <param name="session">The session.</param>
/// <param name="listener">The listener's name.</param>
/// <param name="cluster">The cluster's id.</param>
internal sealed class OpenSession(SessionTelemetry session, string listener, string cluster)
{
    private const int Tries = 32;
    private WaitMark _wait;
    private Dialogue? _dialogue;
    private uint _changes;
    private volatile bool _isOver;

    /// <summary>The session.</summary>
    public SessionTelemetry Session => session;

    /// <summary>The client.</summary>
    public EndPoint? Client { get; set; }

    /// <summary>When the client was accepted, in ticks of the monotonic clock.</summary>
    public long BeganAt { get; set; }

    /// <summary>Becomes another whenever something was said; odd while its record is being changed.</summary>
    public uint Changes => Volatile.Read(ref _changes);

    /// <summary>Whether it has ended: its record is another's.</summary>
    public bool IsOver => _isOver;

    /// <summary>When it holds octets for a fault; null: it never does.</summary>
    public IHeldTime? HeldTime { get; set; }

    /// <summary>What is waited for, of <see cref="WaitingFor"/>.</summary>
    public int What => HeldTime is { HeldSince: > 0 } ? WaitingFor.Fault : _wait.What;

    /// <summary>Since when, in ticks of the monotonic clock. What was waited for before octets were held is waited for
    /// anew since they went on.</summary>
    public long Since => HeldTime is not { } time
        ? _wait.Since : time.HeldSince is > 0 and var since ? since : Math.Max(time.ReleasedAt, _wait.Since);

    /// <summary>What it has in common with others.</summary>
    public (string Listener, string Cluster, string Destination) Way =>
        (listener, cluster, session.Destination ?? AttributeValues.NoDestination);

    /// <summary>Its neighbours in the list.</summary>
    public OpenSession? Previous { get; set; }

    public OpenSession? Next { get; set; }

    /// <summary>Its record changes from now on, and is not to be copied. On the session's loop.</summary>
    public void Enter()
    {
        _changes |= 1;
        Volatile.WriteBarrier();
    }

    /// <summary>Its record stays as it is until <see cref="Enter"/>. On the session's loop.</summary>
    /// <param name="dialogue">The session's dialogue.</param>
    public void Leave(Dialogue dialogue)
    {
        _dialogue = dialogue;
        Rest();
    }

    /// <summary>Its record changes until what this returns is disposed of. Inside another change it is part of
    /// that. On the session's loop.</summary>
    public Change Begin()
    {
        if ((_changes & 1) != 0)
        {
            return default;
        }

        Enter();
        return new Change(this);
    }

    /// <summary>The session is over: its record is another's next, and never copied from here again.</summary>
    public void Over()
    {
        Enter();
        _isOver = true;
    }

    /// <summary>
    /// A copy of its record as it is now. The loop that writes the record never waits for who reads it, and does not know of it: what was
    /// copied while something changed is thrown away, and copied again.
    /// </summary>
    /// <param name="pool">Where the copy is rented, and to be given back.</param>
    /// <param name="now">Now, in ticks of the monotonic clock.</param>
    /// <returns>The copy; null: the session has no record, is over, or is never at rest.</returns>
    public SessionRecord? Copy(RecordPool pool, long now)
    {
        if (session.Record is null)
        {
            return null;
        }

        var copy = pool.Rent();
        var spin = default(SpinWait);
        for (var n = 0; n < Tries; n++)
        {
            // Only after it is known to be at rest is it known whose record it is.
            if (Changes is var before && (before & 1) == 0 && session.Record is { } record && TryCopy(record, copy, now))
            {
                Volatile.ReadBarrier();
                if (before == Changes)
                {
                    return copy;
                }
            }

            spin.SpinOnce();
        }

        pool.Return(copy);
        return null;
    }

    /// <summary>The relay, or somebody who knows one, is waited for.</summary>
    public void Await(Operation operation, long at) => _wait.For((int)operation, -1, at);

    /// <summary>What was read has gone on.</summary>
    /// <param name="dialogue">The dialogue, which says whose turn it is.</param>
    /// <param name="blocked">The leg that takes no octets; null: both do.</param>
    /// <param name="at">When.</param>
    public void Settled(Dialogue dialogue, Leg? blocked, long at)
    {
        if (dialogue.Opaque == OpaqueReason.None && blocked is null && dialogue is { Turn: Leg.Relay, Outstanding: > 0 })
        {
            _wait.For((int)dialogue.Oldest.Operation, dialogue.Oldest.Index, at);
            return;
        }

        _wait.For(
            blocked is { } leg ? leg == Leg.Client ? WaitingFor.ClientRead : WaitingFor.RelayRead
            : dialogue.Opaque != OpaqueReason.None ? WaitingFor.Opaque
            : dialogue.ClientPhase is ClientPhase.Data or ClientPhase.Chunk ? WaitingFor.ClientMessage
            : WaitingFor.ClientCommand,
            -1,
            at);
    }

    private void Rest()
    {
        if (!_isOver && (_changes & 1) != 0)
        {
            Volatile.Write(ref _changes, _changes + 1);
        }
    }

    private bool TryCopy(SessionRecord record, SessionRecord copy, long now)
    {
        try
        {
            var holds = HeldTime is { HeldSince: > 0 and var since } ? Math.Max(0, now - since) : 0;
            RecordPart.Copy(record, copy, _dialogue, session.SoFar(now - (HeldTime?.Held ?? 0) - holds, holds), session.TraceId);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IndexOutOfRangeException or NullReferenceException)
        {
            // The lists changed under the hands that copied them. Nothing but the copy is wrong, and it is made again.
            return false;
        }
    }

    /// <summary>A change of a session's record.</summary>
    /// <param name="session">The session; null: somebody else ends the change.</param>
    internal readonly struct Change(OpenSession? session) : IDisposable
    {
        public void Dispose() => session?.Rest();
    }
}
