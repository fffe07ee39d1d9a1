using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Tracing;

namespace SmtpProxy.Telemetry;

/// <summary>What faults do to a record: their time is the proxy's, and what the relay really said is counted where the client heard something else.</summary>
public sealed partial class SessionTelemetry
{
    private SessionId? _id;
    private bool _endedByFault;
    private long _held;

    /// <summary>The session's name, as in the journal.</summary>
    public string Id => (_record?.Session ?? (_id ??= _proxy.NewId())).ToString();

    /// <summary>The configured name of the relay that was dialled last; null before.</summary>
    public string? Destination { get; private set; }

    /// <summary>The session's trace, 32 hex digits; null: it has none.</summary>
    public string? TraceId => Trace.Id;

    /// <summary>A fault was injected.</summary>
    public bool IsFaulted { get; private set; }

    /// <summary>Octets were held for a fault while the session's clock stood still: the time belongs to the proxy.</summary>
    /// <param name="ticks">How long.</param>
    public void Held(long ticks)
    {
        _held += ticks;
        _attribution.Add(ticks);
    }

    /// <summary>The relay gave this reply, and the client heard another, or none.</summary>
    public void Hidden(Operation operation, int code) => _tags.CountReply(operation, Origin.Relay, (ushort)code);

    /// <summary>A key that names people as far as it may be shown.</summary>
    public string KeyOf(string key) => (_record?.Addresses ?? AddressFilter.None).ApplyToKey(key);

    /// <summary>A fault was injected, and this is what came of it.</summary>
    public void Injected(FaultNote note)
    {
        IsFaulted = true;
        Trace.Keep(KeepReason.Fault, Now);
        Trace.Injected(note, Now + _held);
        _record?.Injected(note);
    }

    /// <summary>It is a fault that ends the session, whoever else seems to.</summary>
    public void EndedByFault()
    {
        _endedByFault = true;
        Trace.Keep(KeepReason.Fault, Now);
    }
}
