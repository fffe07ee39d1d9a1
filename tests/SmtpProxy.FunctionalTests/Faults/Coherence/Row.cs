namespace SmtpProxy.FunctionalTests.Faults.Coherence;

/// <summary>A fault, what the client then says and hears, and what the relay makes of it.</summary>
internal sealed record Row
{
    /// <summary>Point and action.</summary>
    public required string Name { get; init; }

    /// <summary>The rule: single-quoted JSON of its members, without <c>ttl</c> and <c>match</c>.</summary>
    public required string Rule { get; init; }

    /// <summary>Lines of the client, of the proxy, and the end; see <see cref="RowClient"/>.</summary>
    public required string Dialogue { get; init; }

    /// <summary>What Postfix counts in its line <c>disconnect from</c>; null: nobody ever came.</summary>
    public required string? Relay { get; init; }

    /// <summary>What Postfix says of how the connection ended; null: that it was in good order.</summary>
    public string? Lost { get; init; }

    /// <summary>Messages that are delivered.</summary>
    public int Delivered { get; init; }

    /// <summary>What the injection says: effect, the code that the client got, the code that the relay gave.</summary>
    public required string Injected { get; init; }

    /// <summary>What becomes of the relay's list of capabilities on its way to the client.</summary>
    public Func<string, string> Ehlo { get; init; } = static line => line;

    /// <summary>The relay is not dialled before this long.</summary>
    public TimeSpan DialledAfter { get; init; }
}
