namespace SmtpProxy.FunctionalTests.Rehearsals;

/// <summary>How a scripted client behaves. Its times are milliseconds, small: those of the rehearsals are scaled down to them.</summary>
internal sealed record Manner
{
    /// <summary>Messages, sent one after another over one connection.</summary>
    public int Messages { get; init; } = 1;

    /// <summary>Recipients of each.</summary>
    public int Recipients { get; init; } = 1;

    /// <summary>Connections that it opens before it uses any.</summary>
    public int Idle { get; init; }

    /// <summary>Tries for each message.</summary>
    public int Tries { get; init; } = 12;

    /// <summary>From one try to the next.</summary>
    public int PauseMs { get; init; } = 350;

    /// <summary>From one message to the next on the same connection.</summary>
    public int ThinkMs { get; init; }

    /// <summary>How long it waits for a whole reply.</summary>
    public int PatienceMs { get; init; } = 20_000;

    /// <summary>The same for the reply to a message, if it is another time.</summary>
    public int? EndPatienceMs { get; init; }

    /// <summary>What it does about STARTTLS: <c>no</c>, <c>may</c>, <c>must</c>.</summary>
    public string Tls { get; init; } = "no";

    /// <summary>Whether it looks at certificates.</summary>
    public bool Trusts { get; init; }

    /// <summary>Whether each try gets a Message-ID of its own.</summary>
    public bool NewMessageId { get; init; }

    /// <summary>Whether it sends all again where one recipient was refused.</summary>
    public bool RepeatsRefused { get; init; }

    /// <summary>Octets of a message.</summary>
    public int Octets { get; init; } = 200;
}
