namespace SmtpProxy.FunctionalTests.Faults.Senders;

/// <summary>The presets that concern whoever has a queue.</summary>
internal static class Drills
{
    public static IReadOnlyList<Drill> All { get; } =
    [
        new()
        {
            Preset = "slow-banner", With = ",'scale':0.1", Impatient = true, Ends = true, Taken = 1,
            Scene = "the greeting after 3.5 s (`scale` 0.1), `smtp_helo_timeout` 2 s, until the first deferral",
            Outcome = "deferred, tried again from its queue, delivered once.",
        },
        new()
        {
            Preset = "greylist", With = ",'scale':0.01", Taken = 1,
            Scene = "`scale` 0.01, so that a retry passes after 3 s",
            Outcome = "deferred until the delay is over, delivered once.",
        },
        new()
        {
            Preset = "connection-limit", Others = 5, Taken = 1,
            Scene = "five sessions of the same address are open until the first deferral",
            Outcome = "deferred before it said a word, delivered once when there was room.",
        },
        new()
        {
            Preset = "reset-mid-data", Mails = 4, Octets = 6_000_000, Taken = 4,
            Scene = "four messages of 6,000,000 octets, of which the fourth is cut",
            Outcome = "deferred, sent again from the beginning; of all four the relay has one each, and no part of another.",
        },
        new()
        {
            Preset = "ack-lost", With = ",'set':{'probability':1,'budget':{'maxInjections':1}}", Taken = 2,
            Scene = "`probability` 1, `budget.maxInjections` 1",
            Outcome = "deferred with a warning, sent again: **the relay has it twice**, and Postfix knows of one.",
        },
    ];
}
