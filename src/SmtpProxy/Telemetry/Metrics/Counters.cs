using System.Diagnostics.Metrics;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>What is counted of sessions, by listener, cluster and relay. Each counter shows the series of its closed sets at 0 for every
/// listener and relay of the configuration.</summary>
internal sealed class Counters
{
    /// <summary>Creates the instruments.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="know">Called before each collection: makes the series of listeners and relays that have become known.</param>
    public Counters(Meter meter, Action know)
    {
        void Counter(Cells cells, string name, string unit, string description) => meter.CreateObservableCounter(name, () =>
        {
            know();
            return cells.Measure();
        }, unit, description);

        Counter(Replies, "smtpproxy.replies", "{reply}", "Replies the client got, by code and by who gave them");
        Counter(Enhanced, "smtpproxy.replies.enhanced", "{reply}", "Replies with an enhanced status code");
        Counter(Transactions, "smtpproxy.transactions", "{transaction}", "Mail transactions that ended, by outcome");
        Counter(Aborted, "smtpproxy.transactions.aborted", "{transaction}", "Mail transactions that were aborted, by why");
        Counter(Faulted, "smtpproxy.transactions.faulted", "{transaction}",
            "Mail transactions of sessions in which a fault had struck, by outcome: some of smtpproxy.transactions");
        Counter(Unserved, "smtpproxy.unserved", "{attempt}",
            "Attempts to send mail that came to no transaction, and not by the client's doing");
        Counter(AtRisk, "smtpproxy.transactions.at_risk", "{transaction}",
            "Transactions cut between the end of data and the client having the reply: the message may come twice");
        Counter(Sessions, "smtpproxy.sessions", "{session}", "Sessions that ended, by outcome and by how much of them was seen");
        Counter(Opaque, "smtpproxy.sessions.opaque", "{session}", "Sessions that could not be followed to their end, by why");
        meter.CreateObservableCounter("smtpproxy.session.time", () =>
        {
            know();
            return Time.MeasureSeconds();
        }, "s", "Time of sessions, by who made them wait: client, relay or proxy");
        Counter(Anomalies, "smtpproxy.anomalies", "{anomaly}", "Things on the wire that the RFCs do not allow");
        Counter(Diagnoses, "smtpproxy.diagnoses", "{session}", "Sessions that did not end well, by what was wrong");
        Counter(Dials, "smtpproxy.upstream.dials", "{connection}", "Connections to relays that were tried, by why they failed");
    }

    public Cells Replies { get; } = new();

    public Cells Enhanced { get; } = new();

    public Cells Transactions { get; } = new();

    public Cells Aborted { get; } = new();

    public Cells Faulted { get; } = new();

    public Cells Unserved { get; } = new();

    public Cells AtRisk { get; } = new();

    public Cells Sessions { get; } = new();

    public Cells Opaque { get; } = new();

    /// <summary>In ticks.</summary>
    public Cells Time { get; } = new();

    public Cells Anomalies { get; } = new();

    public Cells Diagnoses { get; } = new();

    public Cells Dials { get; } = new();
}
