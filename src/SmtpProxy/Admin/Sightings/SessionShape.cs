namespace SmtpProxy.Admin.Sightings;

// What is written by the journal's own writers has no objects of its own: these say its shape in /openapi/v1.json, and
// a test holds them to what is sent.

/// <summary>A page of sessions.</summary>
/// <param name="Sessions">Open ones first, and then those that ended last.</param>
/// <param name="Next">The cursor of the next page; null: there is none.</param>
/// <param name="Store">How much there is to see.</param>
internal sealed record SessionList(IReadOnlyList<SessionSummary> Sessions, string? Next, StoreView Store);

/// <summary>What was found.</summary>
/// <param name="Query">What was searched for.</param>
/// <param name="Hits">The sessions, and by what each was found.</param>
/// <param name="Notes">What cannot be found, and why.</param>
/// <param name="Store">How much there is to see.</param>
internal sealed record SearchAnswer(string Query, IReadOnlyList<SearchHit> Hits, IReadOnlyList<string> Notes, StoreView Store);

/// <summary>A session that was found.</summary>
internal sealed record SearchHit(string In, SessionSummary Session);

/// <summary>A session: the journal's object without what was said, and what a list needs besides.</summary>
internal record SessionSummary
{
    public required DateTimeOffset Time { get; init; }
    public required decimal StartedUnix { get; init; }
    public required string Session { get; init; }
    public int? Part { get; init; }
    public required string? TraceId { get; init; }
    public required string Listener { get; init; }
    public required string Cluster { get; init; }
    public required string? Destination { get; init; }
    public required string? Client { get; init; }
    public required string? Relay { get; init; }
    public required string? RelayLocal { get; init; }
    public required string Protocol { get; init; }
    public required bool Live { get; init; }
    public required long? Number { get; init; }
    public required IReadOnlyDictionary<string, int> Messages { get; init; }
    public required IReadOnlyDictionary<string, int> Recipients { get; init; }
    public required IReadOnlyList<int> Codes { get; init; }
    public required IReadOnlyList<RefusalShown> Refusals { get; init; }
    public required IReadOnlyList<string> QueueIds { get; init; }
    public required double? DataReadyMs { get; init; }
    public required double? AcceptMs { get; init; }
    public required double? SlowestMs { get; init; }
    public required string? Noise { get; init; }
    public required string? WaitingFor { get; init; }
    public required double? WaitingMs { get; init; }
    public required string Tls { get; init; }
    public required string Mode { get; init; }
    public required OpaqueShown? Opaque { get; init; }
    public required string? FinalState { get; init; }
    public required IReadOnlyList<string> Anomalies { get; init; }
    public required string? Outcome { get; init; }
    public required DiagnosisShown? Diagnosis { get; init; }
    public required IReadOnlyList<FaultShown> Faults { get; init; }
    public required XClientShown? Xclient { get; init; }
    public required HelloShown? ClientHello { get; init; }
    public required TlsShown? TlsClient { get; init; }
    public required TlsShown? TlsRelay { get; init; }
    public required long ClientOctets { get; init; }
    public required long ServerOctets { get; init; }
    public required double DurationMs { get; init; }
    public required double ClientMs { get; init; }
    public required double RelayMs { get; init; }
    public required double ProxyMs { get; init; }
}

/// <summary>All of a session.</summary>
internal sealed record SessionShown : SessionSummary
{
    public required ReplyShown? Greeting { get; init; }
    public required IReadOnlyList<ExchangeShown> Exchanges { get; init; }
    public required IReadOnlyList<string> Capabilities { get; init; }
    public required IReadOnlyList<TransactionShown> Transactions { get; init; }
    public int? ExchangesDropped { get; init; }
    public int? TransactionsDropped { get; init; }
    public required IReadOnlyList<DialShown> Dials { get; init; }
    public required IReadOnlyList<HandshakeShown> Handshakes { get; init; }
}

/// <summary>A refusal, and how often it was given.</summary>
internal sealed record RefusalShown(string Verb, int Code, string? Enhanced, string Origin, int Count);

/// <summary>Where and why the session is not followed any more.</summary>
internal sealed record OpaqueShown(string Reason, string Party, long Octet);

/// <summary>What was wrong.</summary>
internal sealed record DiagnosisShown(string Code, string Text, string Remedy, IReadOnlyDictionary<string, string> Evidence)
{
    public IReadOnlyList<string>? Candidates { get; init; }
    public string? Said { get; init; }
}

/// <summary>A fault that was injected.</summary>
internal sealed record FaultShown(string Rule, string Action, string Point, string Effect, int? ClientCode, int? RelayCode,
    string? RelayQueueId, double AddedMs);

/// <summary>How the relay was told who the client is.</summary>
internal sealed record XClientShown(int Code, IReadOnlyList<string> Attributes, double Ms);

/// <summary>What the client said when it began TLS that passes through.</summary>
internal sealed record HelloShown(string? ServerName, IReadOnlyList<string> Versions, IReadOnlyList<string> Alpn, int Ciphers);

/// <summary>A handshake of the proxy's own.</summary>
internal sealed record TlsShown(string? Version, string? Cipher, string? ServerName, string? Error, string? Why, double Ms);

/// <summary>The greeting.</summary>
internal sealed record ReplyShown(int? Code, string? Enhanced, int Lines, double? Ms, double? AtMs, double? EndMs)
{
    public string? Origin { get; init; }
}

/// <summary>A command and its reply.</summary>
internal sealed record ExchangeShown(string Verb, int? Code, string? Enhanced, int Lines, bool Pipelined, double? Ms, double? AtMs,
    double? EndMs)
{
    public string? Origin { get; init; }
    public string? Mechanism { get; init; }
    public int? Challenges { get; init; }
    public long? Size { get; init; }
    public bool? Last { get; init; }
    public string? Recipient { get; init; }
}

/// <summary>A message.</summary>
internal sealed record TransactionShown(
    string? From, IReadOnlyList<string> Params, IReadOnlyList<RecipientShown> Recipients, int Accepted, int Rejected, string? Via,
    long? WireOctets, long? MessageOctets,
    IReadOnlyList<int> FinalCodes, string Outcome, string Verdict, string? QueueId, string? MessageId, double? DataReadyMs, double? BodyMs,
    double? AcceptMs,
    double DurationMs, double ClientMs, double RelayMs, double ProxyMs);

/// <summary>A recipient.</summary>
internal sealed record RecipientShown(string? To, int Code);

/// <summary>A connection to a relay that was tried.</summary>
internal sealed record DialShown(string Destination, string? Relay, double AtMs, double Ms, string? Error);

/// <summary>When a handshake of the proxy's own was.</summary>
internal sealed record HandshakeShown(string Leg, double AtMs, double Ms, string? Version, string? Error);
