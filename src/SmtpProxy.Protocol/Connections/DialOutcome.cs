namespace SmtpProxy.Protocol.Connections;

/// <summary>What came of connecting to a relay.</summary>
public enum DialOutcome : byte
{
    /// <summary>Connected; the relay leg is live.</summary>
    Connected,

    /// <summary>Actively refused (RST to the SYN).</summary>
    Refused,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>No route, network down, or host unreachable.</summary>
    Unreachable,

    /// <summary>Anything else.</summary>
    Failed,

    /// <summary>Connected, but TLS could not be established although it is required.</summary>
    TlsFailed,

    /// <summary>This machine lacks what a dial needs (descriptors, ports, memory or permission), which says
    /// nothing about the relay.</summary>
    NotDialled,

    /// <summary>Connected, but the relay sent no greeting, or one after which nothing required can begin.</summary>
    GreetingFailed,

    /// <summary>Connected, but the relay does not let this proxy introduce its clients although that is required.</summary>
    IntroductionFailed,

    /// <summary>Connected, but the relay refused to hear of this client, or cannot be told of it. The next client may succeed.</summary>
    IntroductionRefused,

    /// <summary>Nothing was dialled: there was no relay to choose.</summary>
    NoRelay,

    /// <summary>Nothing was dialled: every relay was taken out of service.</summary>
    Drained,

    /// <summary>Nothing was dialled: the relay's name does not resolve.</summary>
    NameUnresolved,
}
