using System.Globalization;
using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Expectations;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Stops;

/// <summary>All stop conditions that a file may name.</summary>
internal static class StopKinds
{
    /// <summary>In the order of the documentation.</summary>
    public static readonly IReadOnlyList<StopKind> All =
    [
        new("bystanders", "Sessions that no fault struck fail: the rehearsal hurts others, or something else is broken.",
            [
                new("above", FieldKind.Number, "Which share of them.") { IsRequired = true, Min = 0, Max = 1 },
                new("of", FieldKind.Integer, "Of how many at least.") { Min = 1, Max = 1_000_000, Default = "5" },
            ],
            static v => new(Said($"more than {v.Number("above"):P0} of the others fail"), seen => Bystanders(seen, v))),
        new("tries", "The client tries more often than this.",
            [new("above", FieldKind.Integer, "How often.") { IsRequired = true, Min = 0, Max = 1_000_000 }],
            static v => new(Said($"more than {v.Integer("above")} tries"),
                seen => seen.Tries.Count > v.Integer("above") ? Said($"there were {seen.Tries.Count} tries") : null)),
        new("sessions", "There are more sessions than this.",
            [new("above", FieldKind.Integer, "How many.") { IsRequired = true, Min = 0, Max = 1_000_000 }],
            static v => new(Said($"more than {v.Integer("above")} sessions"),
                seen => seen.Sessions.Count > v.Integer("above") ? Said($"there were {seen.Sessions.Count} sessions") : null)),
        new("slow", "Replies, or sessions, take longer than this.",
            [
                new("of", FieldKind.Text, "greeting, session, a command such as RCPT, or . for the end of data.") { IsRequired = true },
                new("above", FieldKind.Duration, "How long.") { IsRequired = true },
            ],
            static v => new(Said($"{v.Text("of")} above {v.Duration("above")}"), seen => LatencyExpectation.Times(seen, v.Text("of")!)
                .FirstOrDefault(t => t.Seconds > v.Duration("above")!.Value.TotalSeconds) is { Session: not null } slow
                ? Said($"{v.Text("of")} took {slow.Seconds:0.###} s") : null))
            { Check = static (v, e) => KnownNames.Step(v.Text("of")!, e) },
        new("diagnosis", "A session has this diagnosis.",
            [new("code", FieldKind.TextList, "The diagnosis, or several of which one will do.") { IsRequired = true }],
            static v => new($"diagnosis {string.Join(" or ", v.Texts("code"))}", seen => seen.Sessions
                .FirstOrDefault(s => s.Diagnosis is { } code && v.Texts("code").Contains(code, StringComparer.OrdinalIgnoreCase)) is
                    { } found
                ? $"a session has the diagnosis {found.Diagnosis}" : null))
            { Check = static (v, e) => KnownNames.Diagnoses(v.Texts("code"), e) },
    ];

    private static string? Bystanders(Observation seen, Values values)
    {
        var others = seen.Sessions.Where(static s => !s.IsOpen && s.Faults.Count == 0).ToList();
        var bad = others.Count(static s => s.IsBad);
        return others.Count >= (values.Integer("of") ?? 5) && bad > others.Count * values.Number("above")
            ? Said($"{bad} of {others.Count} sessions without a fault failed") : null;
    }

    private static string Said(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
