namespace SmtpProxy.FunctionalTests.Faults.Senders;

/// <summary>A preset before which a sending Postfix is put.</summary>
internal sealed record Drill
{
    /// <summary>The preset's name; also that of the listener that its mail passes.</summary>
    public required string Preset { get; init; }

    /// <summary>What is different about the preset: the members of the request that starts it,
    /// single-quoted JSON; empty: nothing.</summary>
    public string With { get; init; } = "";

    /// <summary>How it was done, in words.</summary>
    public required string Scene { get; init; }

    /// <summary>What came of it, in words.</summary>
    public required string Outcome { get; init; }

    /// <summary>Whether the mail goes by the transport that waits shortly for a greeting.</summary>
    public bool Impatient { get; init; }

    /// <summary>How many messages are sent, one after another.</summary>
    public int Mails { get; init; } = 1;

    /// <summary>Size of each body, in octets.</summary>
    public int Octets { get; init; } = 160;

    /// <summary>How many messages the relay has in the end.</summary>
    public required int Taken { get; init; }

    /// <summary>Sessions that others hold open until the first message is deferred.</summary>
    public int Others { get; init; }

    /// <summary>Whether the preset is stopped when the first message is deferred.</summary>
    public bool Ends { get; init; }

    /// <summary>Where its mail goes.</summary>
    public string Domain => $"{(Impatient ? "impatient." : "")}{Preset}.example";
}
