namespace SmtpProxy.FunctionalTests.Peers.Servers;

/// <summary>Postfix as a sender: it queues what it is given, and sends it where it is told to. It tries again every third second instead of
/// every few minutes; all else that decides what it does about a failure is as it comes.</summary>
/// <param name="hops">The port that each domain's mail goes to.</param>
/// <param name="retries">How long it waits between two tries.</param>
/// <param name="tls">Its <c>smtp_tls_security_level</c>; empty: it knows no STARTTLS.</param>
public sealed class PostfixSender(IReadOnlyDictionary<string, int> hops, string retries = "3s", string tls = "") : PostfixServer
{
    /// <summary>Mail for <c>impatient.</c> domains waits this long for a greeting, instead of five minutes.</summary>
    public const string Patience = "2s";

    // A host that failed would not be tried for other mail for a while, so that what the log says would depend on when that is. And times
    // are kept in whole seconds: a message that is due in one second may be due before whoever deferred it has let go of
    // it, and is then put off for minutes.
    protected override string Settings => $$"""
        myhostname = sender.test.example
        queue_run_delay = 1s
        minimal_backoff_time = {{retries}}
        maximal_backoff_time = {{retries}}
        default_destination_concurrency_failed_cohort_limit = 1000
        smtp_tls_security_level = {{tls}}
        transport_maps = inline:{ {{string.Join(", ", hops.Select(static hop => $"{{ {hop.Key} = {Transport(hop.Key)}:[127.0.0.1]:{hop.Value} }}"))}} }
        """;

    protected override string Services => $"""
        smtp unix - - n - - smtp
        impatient unix - - n - - smtp -o smtp_helo_timeout={Patience}
        """;

    private static string Transport(string domain) => domain.StartsWith("impatient.", StringComparison.Ordinal) ? "impatient" : "smtp";
}
