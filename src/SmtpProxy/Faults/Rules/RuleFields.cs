using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Rules;

/// <summary>The members of a rule: the one description of them.</summary>
public static class RuleFields
{
    /// <summary>The points by name.</summary>
    public static readonly IReadOnlyList<string> Points = [.. Enum.GetValues<FaultPoint>().Select(FaultNames.Of)];

    /// <summary>Conditions; all must hold, of a list one.</summary>
    public static readonly IReadOnlyList<Field> Match =
    [
        new("listener", FieldKind.TextList, "Names of listeners."),
        new("upstream", FieldKind.TextList, "Names of clusters or destinations."),
        new("clientCidr", FieldKind.TextList, "Networks of clients, such as 10.20.0.0/16; with ! in front: not these."),
        new("heloName", FieldKind.TextList, "Patterns for the name in EHLO or HELO; * stands for any text."),
        new("tls", FieldKind.TextList, "plain, terminated (TLS ends here), opaque (TLS passes through)."),
        new("authenticated", FieldKind.Flag, "Whether AUTH was accepted."),
        new("mailFrom", FieldKind.TextList, "Patterns for the sender, or domain:example.org; <> is the empty sender."),
        new("rcptTo", FieldKind.TextList, "Patterns for the recipient at hand, or domain:example.org."),
        new("recipientCount", FieldKind.IntegerRange, "Recipients of this transaction so far, the one at hand included."),
        new("declaredSize", FieldKind.IntegerRange, "SIZE= of MAIL, in octets."),
        new("upstreamReply", FieldKind.TextList,
            "What the relay really answered: classes (2xx) or codes (451). Only for actions that forward."),
        new("elapsed", FieldKind.DurationRange, "Age of the session."),
        new("transactionsInSession", FieldKind.IntegerRange, "Transactions of this session so far, the one at hand included."),
    ];

    /// <summary>Which of the matching occasions are struck.</summary>
    public static readonly IReadOnlyList<Field> Occurrence =
    [
        new("first", FieldKind.Integer, "Only the first n.") { Min = 1 },
        new("nth", FieldKind.IntegerList, "Only these, counted from 1.") { Min = 1 },
        new("every", FieldKind.Integer, "Every k-th.") { Min = 1 },
        new("after", FieldKind.Integer, "Not the first n.") { Min = 0 },
        new("scope", FieldKind.Choice,
            "What is counted apart: everything together, or each connection, client address, or pair of sender and recipient.")
        {
            Choices = ["rule", "connection", "client", "envelope"],
            Default = "rule",
        },
    ];

    /// <summary>What a rule may do at most.</summary>
    public static readonly IReadOnlyList<Field> Budget =
    [
        new("maxInjections", FieldKind.Integer, "In all.") { Min = 1 },
        new("maxPerMinute", FieldKind.Integer, "In any minute.") { Min = 1 },
        new("maxConcurrent", FieldKind.Integer, "At the same time.") { Min = 1 },
        new("maxPerClient", FieldKind.Integer, "For one client address.") { Min = 1 },
        new("maxAffectedRatio", FieldKind.Number, "Share of the sessions of the last five minutes.") { Min = 0, Max = 1 },
    ];

    /// <summary>All members.</summary>
    public static readonly IReadOnlyList<Field> All =
    [
        new("enabled", FieldKind.Flag, "Whether the rule is armed.") { Default = "true" },
        new("order", FieldKind.Integer, "Rules of a lower order come first; then by name.") { Default = "100" },
        new("at", FieldKind.Choice, "The point of the dialogue.") { IsRequired = true, Choices = Points },
        new("afterBytes", FieldKind.Integer, "At dataBody: how many octets of the message have passed.") { Min = 1, Default = "1" },
        new("afterTime", FieldKind.Duration, "At idle and elapsed: how long the client has been silent, or how old the session is."),
        new("match", FieldKind.Object, "Conditions; all must hold.") { Members = Match },
        new("occurrence", FieldKind.Object, "Which of the matching occasions are struck; all of them when left out.")
            { Members = Occurrence },
        new("probability", FieldKind.Number, "Share of those occasions that are struck, drawn by the seed.")
            { Min = 0, Max = 1, Default = "1" },
        new("sampleBy", FieldKind.Choice, "What one draw is for.")
            { Choices = ["connection", "transaction", "occurrence"], Default = "occurrence" },
        new("action", FieldKind.Action, "What happens.") { IsRequired = true },
        new("budget", FieldKind.Object, "What the rule may do at most.") { Members = Budget },
        new("notBefore", FieldKind.Time, "Not armed before."),
        new("notAfter", FieldKind.Time, "Not armed after."),
        new("pulse", FieldKind.Object, "Armed for a time, then not for a time, over and over.")
        {
            Members =
            [
                new Field("on", FieldKind.Duration, "How long it is armed.") { IsRequired = true },
                new Field("off", FieldKind.Duration, "How long it is not.") { IsRequired = true },
            ],
        },
        new("ttl", FieldKind.Duration, "How long the rule lives; required over HTTP."),
        new("expiresAt", FieldKind.Time, "When the rule ends, instead of ttl."),
    ];
}
