using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Telemetry;

/// <summary>One open session among the others: where it goes, and what it waits for.</summary>
/// <param name="session">The session.</param>
/// <param name="listener">The listener's name.</param>
/// <param name="cluster">The cluster's id.</param>
internal sealed class OpenSession(SessionTelemetry session, string listener, string cluster)
{
    private WaitMark _wait;

    /// <summary>The session.</summary>
    public SessionTelemetry Session => session;

    /// <summary>When it holds octets for a fault; null: it never does.</summary>
    public IHeldTime? HeldTime { get; set; }

    /// <summary>What is waited for, of <see cref="WaitingFor"/>.</summary>
    public int What => HeldTime is { HeldSince: > 0 } ? WaitingFor.Fault : _wait.What;

    /// <summary>Since when, in ticks of the monotonic clock. What was waited for before octets were held is waited for anew since they went on.</summary>
    public long Since => HeldTime is not { } time ? _wait.Since : time.HeldSince is > 0 and var since ? since : Math.Max(time.ReleasedAt, _wait.Since);

    /// <summary>What it has in common with others.</summary>
    public (string Listener, string Cluster, string Destination) Way => (listener, cluster, session.Destination ?? AttributeValues.NoDestination);

    /// <summary>Its neighbours in the list.</summary>
    public OpenSession? Previous { get; set; }

    public OpenSession? Next { get; set; }

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
}
