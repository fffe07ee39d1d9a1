using SmtpProxy.FunctionalTests.Faults.Clients;

namespace SmtpProxy.FunctionalTests.Rehearsals.Judged;

/// <summary>What a client is known to do about one outage, before anything is rehearsed.</summary>
/// <param name="Client">The client.</param>
/// <param name="Rehearsal">The file in docs/rehearsals.</param>
/// <param name="IsGood">Whether it does right.</param>
/// <param name="Known">What it does, and where that is known from.</param>
internal sealed record KnownBehaviour(string Client, string Rehearsal, bool IsGood, string Known)
{
    /// <summary>How it is used, in words; empty: as it comes.</summary>
    public string As { get; init; } = "";

    /// <summary>How it is told to use TLS.</summary>
    public TlsWish Tls { get; init; }

    /// <summary>Whether it is asked to keep its connection.</summary>
    public bool Keeps { get; init; }

    /// <summary>Whether the application sends again at once where the client reports a failure.</summary>
    public bool SendsAgain { get; init; }

    /// <summary>Messages, one after another.</summary>
    public int Messages { get; init; } = 1;

    /// <summary>From one message to the next.</summary>
    public TimeSpan Thinks { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Recipients of each.</summary>
    public int Recipients { get; init; } = 1;

    /// <summary>Octets of each.</summary>
    public int Octets { get; init; } = 160;

    /// <summary>Whether the outage is slowness, so that the client's own limits decide.</summary>
    public bool IsSlow => Rehearsal == "banner-drip";

    /// <summary>Client and use, as the page has them.</summary>
    public string Title => As.Length == 0 ? Client : $"{Client}, {As}";
}
