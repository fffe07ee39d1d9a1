using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>What the client's own command says of how it went.</summary>
internal sealed class ExitExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("exit",
        "The client's command ends with one of these exit codes: it knows what became of its mail.",
        [new("code", FieldKind.IntegerList, "The exit code, or several of which one will do.") { IsRequired = true }],
        static (values, _) => new ExitExpectation(values.Integers("code")));

    private readonly IReadOnlyList<long> _codes;

    private ExitExpectation(IReadOnlyList<long> codes) => _codes = codes;

    public override string Text => $"the client ends with {string.Join(" or ", _codes)}";

    public override Judgement Judge(Observation seen) => seen.ExitCode is { } code
        ? new Judgement(_codes.Contains(code), $"it ended with {code}") : Judgement.Broken("it has not ended");
}
