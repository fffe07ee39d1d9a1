using System.Net;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Live;

/// <summary>What sessions are found by: what the filters of the API ask for, taken from a record once. Thousands are kept, and whatever
/// objects these are made of lengthens the collector's pauses: as few as can be.</summary>
internal sealed class SightingFacts
{
    public required string Id { get; init; }
    public required string Listener { get; init; }
    public required string Cluster { get; init; }
    public string? Destination { get; init; }

    /// <summary>The client's address; null where it has none (a Unix socket).</summary>
    public IPAddress? Client { get; init; }

    /// <summary>The same with its port.</summary>
    public string? ClientText { get; init; }

    /// <summary>When it began, Unix time in milliseconds.</summary>
    public long StartedMs { get; init; }

    /// <summary>Codes of replies, each once, in order of appearance.</summary>
    public IReadOnlyList<ushort> Codes { get; init; } = [];

    /// <summary>Refusals, each once.</summary>
    public IReadOnlyList<Refused> Refusals { get; init; } = [];

    /// <summary>Enhanced codes of all replies, each once.</summary>
    public IReadOnlyList<EnhancedCode> Enhanced { get; init; } = [];

    /// <summary>Transactions by <see cref="Verdict"/>.</summary>
    public required IReadOnlyList<int> Messages { get; init; }

    public int RecipientsAccepted { get; init; }
    public int RecipientsRejected { get; init; }

    /// <summary>How it ended; null while it goes on.</summary>
    public string? Outcome { get; init; }

    /// <summary>What was wrong; null: nothing.</summary>
    public string? Diagnosis { get; init; }

    public IReadOnlyList<Anomaly> Anomalies { get; init; } = [];

    /// <summary><c>none</c>, <c>starttls</c>, <c>refused</c>, <c>implicit</c>.</summary>
    public required string Tls { get; init; }

    /// <summary>Versions of the proxy's own TLS, of both legs.</summary>
    public IReadOnlyList<string> TlsVersions { get; init; } = [];

    public bool IsFaulted { get; init; }

    /// <summary>The relay's slowest exchange, or the time from 220 to 354 where that is longer, in
    /// milliseconds; below 0: no clock ran.</summary>
    public double SlowestMs { get; init; }

    /// <summary>Milliseconds of the first message from 220 to 354, and from its end to its reply; below 0: there is none.</summary>
    public double DataReadyMs { get; init; }
    public double AcceptMs { get; init; }

    public Noise Noise { get; init; }

    /// <summary>What its messages are found by.</summary>
    public IReadOnlyList<string> QueueIds { get; init; } = [];
    public IReadOnlyList<string> MessageIds { get; init; } = [];

    /// <summary>Addresses as far as the privacy level of the session shows them.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>What is waited for; null: it is over.</summary>
    public string? WaitingFor { get; init; }
    public double WaitingMs { get; init; }

    /// <summary>Octets that these take, roughly.</summary>
    public int Size => 400 + (2 * (Codes.Count + Anomalies.Count)) + (6 * Enhanced.Count) + (40 * Refusals.Count)
        + Sum(QueueIds) + Sum(MessageIds) + Sum(Addresses) + (2 * (ClientText?.Length ?? 0));

    private static int Sum(IReadOnlyList<string> texts)
    {
        var octets = 0;
        foreach (var text in texts)
        {
            octets += 30 + (2 * text.Length);
        }

        return octets;
    }
}
