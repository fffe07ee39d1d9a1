
namespace SmtpProxy.FunctionalTests.Faults.Clients;

/// <summary>Every preset, so that its fault strikes the first try and can be over at the second.</summary>
internal static class Rehearsals
{
    private static readonly TimeSpan MinDelay = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(3.6);

    public static IReadOnlyList<Rehearsal> All { get; } =
    [
        new() { Preset = "slow-banner", Scale = 0.1, ScalesLimits = true, Again = null,
            Must = "have a limit for the greeting (RFC 5321 4.5.3.2.1: five minutes), and try the next MX or later when it is over." },
        new()
        {
            Preset = "slow-banner", Variant = "`duration` 00:05:05", Set = """{"duration":"00:00:06.1"}""", Scale = 0.02,
                ScalesLimits = true, Again = null,
            Must = "give up within minutes, so that a relay that hangs costs one thread for minutes and not for ever.",
        },
        new() { Preset = "banner-drip", Scale = 0.015, ScalesLimits = true, Again = null,
            Must = "limit the whole command, not each read." },
        new()
        {
            Preset = "greylist", Scale = 0.01, Again = ("after five minutes", static _ => Task.Delay(MinDelay * 1.1)),
            Must = "keep the message and try again later, for days (RFC 5321 4.5.4.1). None of these libraries has a queue: the " +
                "application needs one, or a relay of its own that has.",
        },
        new()
        {
            Preset = "connection-limit", Before = static cell =>
                cell.HoldAsync(5), Again = ("when others have left", static cell => cell.ReleaseAsync()),
            Must = "open fewer connections, and come back later.",
        },
        new()
        {
            Preset = "queue-full", Scale = 0.1, Again = ("after a minute", static _ => Task.Delay(Pulse * 1.1)),
            Must = "take 4yz for \"later\", not for \"never\", and pause before the next try.",
        },
        new()
        {
            Preset = "partial-recipients", Recipients = 2,
            Must = "look at each recipient's fate, and never send again to those that were accepted.",
        },
        new()
        {
            Preset = "tls-unavailable", Tls = [TlsWish.Offered, TlsWish.Required],
            Again = ("a fourth time", static async cell => _ = (await cell.SendAsync(), await cell.SendAsync())),
            Must = "require TLS where the message must not be read, and come back later: 454 is temporary.",
        },
        new()
        {
            Preset = "starttls-stripped", Tls = [TlsWish.Offered, TlsWish.Required], Again = null,
            Must = "require TLS; whoever only prefers it sends in the clear and is told nothing.",
        },
        new()
        {
            Preset = "reset-mid-data", Variant = "`occurrence` first 1", Set = """{"occurrence":{"first":1}}""", Octets = 200_000,
            Must = "send it again from the beginning: nothing was delivered.",
        },
        new()
        {
            Preset = "ack-lost", Variant = "`probability` 1, `budget.maxInjections` 1",
                Set = """{"probability":1,"budget":{"maxInjections":1}}""",
            Must = "send it again with the same Message-ID, and the receiver must live with two (RFC 1047).",
        },
        new()
        {
            Preset = "rolling-restart", Scale = 0.03, Keep = true, Before = static async cell =>
                { await cell.SendAsync(); await Task.Delay(Age * 1.1); },
            Must = "take 421 on a kept connection for the end of that connection, not of the message: connect again, send again.",
        },
        Broken("garbage", "a line of garbage before the reply"),
        Broken("bare-lf", "the reply ends with LF alone"),
        Broken("code", "a reply whose code changes from line to line"),
        Broken("cut", "the reply is cut off"),
    ];

    private static Rehearsal Broken(string rule, string what) => new()
    {
        Preset = "broken-replies", Variant = what + ", once, at `rcpt`", Rule = $"broken-replies-{rule}", Scale = 0.03, ScalesLimits = true,
        Set = """{"at":"rcpt","occurrence":{"first":1}}""",
        Must = "give up that connection, since nobody knows which reply is next, and send again on another.",
    };
}
