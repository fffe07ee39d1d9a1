namespace SmtpProxy.Faults;

/// <summary>What a fault does to the delivery of a message; declared by each action for each point.</summary>
public enum DeliveryEffect : byte
{
    /// <summary>Nothing: the message is delivered, or not, as without the fault.</summary>
    None,

    /// <summary>Not delivered, and the client knows.</summary>
    NotDelivered,

    /// <summary>The relay has the message and the client does not know: it will send it again (RFC 1047).</summary>
    DuplicateRisk,

    /// <summary>The client believes that the message was delivered, and it was not.</summary>
    LossRisk,
}
