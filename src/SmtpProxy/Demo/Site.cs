using SmtpProxy.Sink;

namespace SmtpProxy.Demo;

/// <summary>The site that the demo plays: listeners of the proxy, and behind each a cluster of relays with a character.</summary>
internal static class Site
{
    public const string Inbound = "inbound";
    public const string Submission = "submission";
    public const string Secure = "secure";
    public const string Partners = "partners";
    public const string Mailstore = "mailstore";
    public const string Legacy = "legacy";
    public const string Programs = "programs";

    /// <summary>What AUTH must say at the submission service.</summary>
    public const string Password = "correct horse battery staple";

    /// <summary>How long the partner's greylisting keeps a newcomer away; some minutes in life.</summary>
    public static readonly TimeSpan Greylist = TimeSpan.FromSeconds(2);

    /// <summary>How long the old relay is there at first; soon enough to be seen by those who only have a short look.</summary>
    public static readonly TimeSpan UpAtFirst = TimeSpan.FromSeconds(4);

    /// <summary>How long it is there from then on, between being away.</summary>
    public static readonly TimeSpan Up = TimeSpan.FromSeconds(25);

    /// <summary>As above.</summary>
    public static readonly TimeSpan Away = TimeSpan.FromSeconds(10);

    /// <summary>The listeners, in the order of their ports, each with its cluster.</summary>
    public static readonly (string Listener, string Cluster)[] Listeners =
    [
        (Inbound, "relays"), (Submission, "smarthosts"), (Secure, "vault"), (Partners, "partners"), (Mailstore, "mailstores"),
        (Legacy, "legacy"), (Programs, "providers"),
    ];

    /// <summary>The relays that the sink plays; the one that speaks TLS is <see cref="TlsRelay"/>.</summary>
    public static IReadOnlyList<Relay> Relays() =>
    [
        new("relays", "mx-1", "quick", new SinkOptions { HostName = "mx-1.example" }),
        new("relays", "mx-2", "as relays are", new SinkOptions { HostName = "mx-2.example", Answers = "delay-3ms-rcpt+delay-15ms-dot" }),
        new("relays", "mx-3", "slow",
            new SinkOptions { HostName = "mx-3.example", Answers = "delay-40ms-greeting+delay-60ms-rcpt+delay-400ms-dot" }),
        new("smarthosts", "smarthost", "wants AUTH",
            new SinkOptions { HostName = "smarthost.example", Password = Password, Answers = "delay-30ms-auth+delay-10ms-dot" }),
        new("partners", "partner", "greylists, greets late, takes 1 MiB at most",
            new SinkOptions { HostName = "partner.example", Greylist = Greylist, Answers = "delay-350ms-greeting+delay-80ms-dot",
                MaxSize = 1_048_576 }),
        new("mailstores", "mailstore", "speaks LMTP", new SinkOptions { HostName = "mailstore.example", Answers = "delay-5ms-dot" },
            IsLmtp: true),
        new("legacy", "legacy-1", $"is away for {Away.TotalSeconds:0} of {(Up + Away).TotalSeconds:0} seconds",
            new SinkOptions { HostName = "legacy-1.example", Answers = "delay-20ms-dot" }, IsFickle: true),
    ];
}

/// <summary>A relay that the sink plays.</summary>
/// <param name="Cluster">Its cluster.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Character">What it is like, for people.</param>
/// <param name="Options">How the sink plays it; the address is filled in.</param>
/// <param name="IsLmtp">Whether it speaks LMTP instead of SMTP.</param>
/// <param name="IsFickle">Whether it is away now and then.</param>
internal sealed record Relay(string Cluster, string Name, string Character, SinkOptions Options, bool IsLmtp = false,
    bool IsFickle = false);
