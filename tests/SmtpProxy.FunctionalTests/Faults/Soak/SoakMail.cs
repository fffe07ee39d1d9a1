namespace SmtpProxy.FunctionalTests.Faults.Soak;

/// <summary>What a sender knows of one message when it gives it up or has it off its hands.</summary>
internal enum Verdict
{
    /// <summary>A whole 2yz to its end.</summary>
    Accepted,

    /// <summary>A whole 4yz or 5yz before its end, or to it: it was not taken.</summary>
    Refused,

    /// <summary>The connection was lost, or what came is no reply, before the end of the message was sent: it
    /// cannot have been taken.</summary>
    NotSent,

    /// <summary>The same behind its end: nobody knows.</summary>
    Unknown,
}

/// <summary>One attempt to send one message, which no other has the sender of.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Verdict">What came of it.</param>
/// <param name="Recipients">Those that were accepted.</param>
/// <param name="Octets">Size of the message.</param>
internal sealed record SoakMail(int Number, Verdict Verdict, IReadOnlyList<string> Recipients, long Octets)
{
    /// <summary>Its sender, by which the relay knows it.</summary>
    public string From => FromOf(Number);

    /// <summary>The sender of a message.</summary>
    public static string FromOf(int number) => $"m{number}@soak.example";
}
