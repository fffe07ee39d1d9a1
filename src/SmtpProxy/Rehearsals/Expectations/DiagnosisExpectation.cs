using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>What the proxy says of failed sessions.</summary>
internal sealed class DiagnosisExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("diagnosis",
        "A session has this diagnosis (docs/diagnosis.md).",
        [new("code", FieldKind.TextList, "The diagnosis, or several of which one will do.") { IsRequired = true }],
        static (values, errors) =>
        {
            KnownNames.Diagnoses(values.Texts("code"), errors);
            return new DiagnosisExpectation(values.Texts("code"));
        });

    private readonly IReadOnlyList<string> _codes;

    private DiagnosisExpectation(IReadOnlyList<string> codes) => _codes = codes;

    public override string Text => $"diagnosis {string.Join(" or ", _codes)}";

    public override Judgement Judge(Observation seen)
    {
        var all = seen.Sessions.Select(static s => s.Diagnosis).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return seen.Sessions.FirstOrDefault(s => s.Diagnosis is { } code && _codes.Contains(code, StringComparer.OrdinalIgnoreCase)) is
            { } found
            ? Judgement.Held(found.Diagnosis!, found.Id)
            : Judgement.Broken(all.Count == 0 ? "no session has a diagnosis" : $"there was {string.Join(", ", all)}",
                seen.Sessions.FirstOrDefault(static s => s.Diagnosis is not null)?.Id);
    }
}
