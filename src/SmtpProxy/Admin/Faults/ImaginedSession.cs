using SmtpProxy.Faults;

namespace SmtpProxy.Admin.Faults;

/// <summary>A session that is only imagined, for explain. What is left out is as in a session that has just said MAIL and RCPT.</summary>
internal sealed record ImaginedSession
{
    public string? Listener { get; init; }

    public string? Cluster { get; init; }

    public string? Destination { get; init; }

    public string? Client { get; init; }

    public string? HeloName { get; init; }

    public string? MailFrom { get; init; }

    public string? RcptTo { get; init; }

    public int? RecipientCount { get; init; }

    public long? DeclaredSize { get; init; }

    public bool Authenticated { get; init; }

    public string? Tls { get; init; }

    public int? UpstreamReply { get; init; }

    public TimeSpan Elapsed { get; init; }

    public int? TransactionsInSession { get; init; }

    public FaultFacts Facts() => new()
    {
        Session = "imagined",
        Listener = Listener ?? "inbound",
        Cluster = Cluster ?? "relays",
        Destination = Destination,
        Client = FaultEngine.ClientOf(Client),
        HeloName = HeloName,
        MailFrom = MailFrom ?? "",
        RcptTo = RcptTo ?? "",
        FirstRcptTo = RcptTo,
        RecipientCount = RecipientCount ?? 1,
        DeclaredSize = DeclaredSize,
        IsAuthenticated = Authenticated,
        IsTlsTerminated = Tls == "terminated",
        IsOpaque = Tls == "opaque",
        RelayCode = UpstreamReply ?? 250,
        Elapsed = Elapsed,
        Transactions = TransactionsInSession ?? 1,
        Commands = 1,
    };
}
