namespace SmtpProxy.Faults;

/// <summary>One fault that was injected, and what came of it. Filled by the session, on its loop; published by the engine when
/// <see cref="Done"/>, exactly once: ring buffer, metrics, and through the session its journal and trace.</summary>
public sealed class Injection
{
    private Action<Injection>? _publish;

    /// <summary>Creates it.</summary>
    /// <param name="publish">Called once, when it is done.</param>
    public Injection(Action<Injection> publish) => _publish = publish;

    /// <summary>The rule's name.</summary>
    public required string Rule { get; init; }

    /// <summary>The action's name.</summary>
    public required string Action { get; init; }

    /// <summary>Where in the dialogue it struck.</summary>
    public required FaultPoint Point { get; init; }

    /// <summary>What it does to delivery.</summary>
    public required DeliveryEffect Effect { get; init; }

    /// <summary>The seed of the draw.</summary>
    public required long Seed { get; init; }

    /// <summary>What was drawn for: together with seed and rule it reproduces the decision. Never an address in the clear.</summary>
    public required string DecisionKey { get; init; }

    /// <summary>Whether the key is made of addresses: who knows the seed could find them by trying.</summary>
    public bool NamesPeople { get; init; }

    /// <summary>The key as far as it may be shown: all of it, or a name for it.</summary>
    public string? ShownKey { get; set; }

    /// <summary>The session's id.</summary>
    public required string Session { get; init; }

    /// <summary>When it struck (UTC).</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The session's trace, if it has one.</summary>
    public string? TraceId { get; set; }

    /// <summary>Code of the reply that the client saw; null: none.</summary>
    public int? ClientCode { get; set; }

    /// <summary>Code of the relay's own reply; null: it was not asked, or has not answered.</summary>
    public int? RelayCode { get; set; }

    /// <summary>The queue id in the relay's own reply, where it holds one: the only proof of a duplicate.</summary>
    public string? RelayQueueId { get; set; }

    /// <summary>Message octets that the relay had when a body was cut; null: not in a body.</summary>
    public long? BodyOctets { get; set; }

    /// <summary>For how long octets were held.</summary>
    public TimeSpan AddedDelay { get; set; }

    /// <summary>Whether a halt released it early.</summary>
    public bool Released { get; set; }

    /// <summary>Publishes it: it is over, and nothing of it changes any more. Idempotent.</summary>
    public void Done()
    {
        if (_publish is { } publish)
        {
            // Whoever keeps it afterwards must not keep the session's faults by it.
            _publish = null;
            publish(this);
        }
    }
}
