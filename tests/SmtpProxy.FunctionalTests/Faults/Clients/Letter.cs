namespace SmtpProxy.FunctionalTests.Faults.Clients;

/// <summary>How a client is told to use TLS.</summary>
public enum TlsWish
{
    None,

    /// <summary>Where it is offered.</summary>
    Offered,
    Required,
}

/// <summary>One message to send.</summary>
/// <param name="Name">The sender's name: a client object and, as long as the library keeps it, a connection of its own.</param>
/// <param name="Port">Where to, on this machine.</param>
/// <param name="Tls">Whether with TLS.</param>
/// <param name="Limits">What the library's default timeouts are multiplied by; null: they stay as they are.</param>
/// <param name="Keep">Whether the client is asked to keep its connection, where that is an option of the library.</param>
/// <param name="From">The sender's address.</param>
/// <param name="To">The recipients.</param>
/// <param name="Octets">Size of the body.</param>
internal sealed record Letter(string Name, int Port, TlsWish Tls, double? Limits, bool Keep, string From, IReadOnlyList<string> To,
    int Octets)
{
    /// <summary>The message, with CRLF lines of 80 octets.</summary>
    public string Message => $"From: {From}\r\nTo: {To[0]}\r\nSubject: {Name}\r\n\r\n"
        + string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", Math.Max(1, Octets / 80)));
}

/// <summary>What the caller of a library learnt.</summary>
/// <param name="Ok">It took the message for sent.</param>
/// <param name="What">In what words: the kind of exception and the reply code.</param>
internal sealed record Told(bool Ok, string What)
{
    public static Told Accepted { get; } = new(true, "accepted");
}
