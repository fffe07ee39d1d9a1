using SmtpProxy.Codes;
using SmtpProxy.Faults.Model;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>Names of things that the proxy tells of. With a wrong one an expectation never holds, and a
/// stop condition never stops.</summary>
internal static class KnownNames
{
    private static readonly string[] Steps =
        ["greeting", "session", .. Enum.GetValues<Verb>().Select(WireNames.Of).OfType<string>().Where(static v => v is not ("" or "?"))];

    /// <summary>Says of diagnoses that there are none such.</summary>
    public static void Diagnoses(IReadOnlyList<string> codes, List<RuleError> errors)
    {
        foreach (var code in codes.Where(static c =>
            !Catalogue.Diagnoses.Any(d => d.Code.Equals(c, StringComparison.OrdinalIgnoreCase))))
        {
            errors.Add(new RuleError("code", $"\"{code}\" is no diagnosis; docs/diagnosis.md has them, and smtpproxy explain {code}"));
        }
    }

    /// <summary>Says of what shall take no longer than so that nothing is called that.</summary>
    public static void Step(string name, List<RuleError> errors)
    {
        if (!Steps.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            errors.Add(new RuleError("of", $"\"{name}\" is none of {string.Join(", ", Steps)}"));
        }
    }
}
