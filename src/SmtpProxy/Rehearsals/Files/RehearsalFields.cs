using SmtpProxy.Faults.Model;

namespace SmtpProxy.Rehearsals.Files;

/// <summary>The members of a rehearsal's file: the one description of them.</summary>
internal static class RehearsalFields
{
    /// <summary>Members whose form is their own: the schema and the reader know it.</summary>
    public static readonly IReadOnlyList<(string Name, string Doc)> Lists =
    [
        ("before", "Steady state: what must be true of the same traffic without any fault. Otherwise nothing is rehearsed."),
        ("expect", "What must be true while the faults are armed."),
        ("after", "What must be true of the same traffic when they are gone."),
        ("stop", "What ends the rehearsal at once: all faults are halted, and the verdict is that it failed."),
    ];

    /// <summary>The traffic.</summary>
    public static readonly IReadOnlyList<Field> Traffic =
    [
        new("run", FieldKind.TextList,
            "The command of the client under test: one text for the shell, or a program and its arguments. --client replaces it."),
        new("messages", FieldKind.Integer, "How many messages it sends in one run, each recipient counted.")
            { Min = 1, Max = 1_000_000, Default = "1" },
        new("queues", FieldKind.Flag, "It hands its mail to a queue and ends: go on looking until all is as expected, or the time is over.")
            { Default = "false" },
        new("live", FieldKind.Flag, "There is no command: judge the traffic that passes. Only with --admin.") { Default = "false" },
        new("listener", FieldKind.TextList, "Only sessions of these listeners."),
        new("clients", FieldKind.TextList, "Only sessions from these addresses or networks, such as 192.0.2.0/24."),
    ];

    /// <summary>One relay behind the rehearsal's own proxy.</summary>
    public static readonly IReadOnlyList<Field> Relay =
    [
        new("answers", FieldKind.Text, "What it answers (docs/sink.md), such as delay-1s-dot or 451-rcpt; it takes all mail unless said."),
        new("away", FieldKind.Flag, "Nothing listens at its address.") { Default = "false" },
    ];

    /// <summary>All members that are read by their descriptions alone.</summary>
    public static readonly IReadOnlyList<Field> Plain =
    [
        new("rehearsal", FieldKind.Text, "What is rehearsed, in a few words.") { IsRequired = true },
        new("about", FieldKind.Text, "What happens, and why it matters."),
        new("goodClient", FieldKind.Text, "What a client does that does right."),
        new("sources", FieldKind.TextList, "Where that stands: RFCs and their sections, manuals."),
        new("seed", FieldKind.Integer, "What draws are made from.") { Min = 1, Max = int.MaxValue, Default = "1" },
        new("scale", FieldKind.Number, "Multiplies every time in the file; the client is told by REHEARSAL_SCALE. --scale replaces it.")
            { Min = 0.000001, Max = 1000, Default = "1" },
        new("for", FieldKind.Duration, "The longest time of one phase.") { Default = "00:10:00" },
        new("tls", FieldKind.Flag, "The rehearsal's own proxy offers STARTTLS; REHEARSAL_CA names the certificate to trust.")
            { Default = "false" },
        new("traffic", FieldKind.Object, "Whose behaviour is looked at.") { Members = Traffic },
    ];
}
