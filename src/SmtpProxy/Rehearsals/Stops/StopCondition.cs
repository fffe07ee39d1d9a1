using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Stops;

/// <summary>What ends a rehearsal at once: all faults are halted, and what they hold goes on.</summary>
/// <param name="Text">The condition, in words.</param>
/// <param name="Why">Why it is met by what was seen; null: it is not.</param>
internal sealed record StopCondition(string Text, Func<Observation, string?> Why);

/// <summary>What a stop condition is called and what it takes.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Doc">When it is met, one sentence.</param>
/// <param name="Fields">What it takes.</param>
/// <param name="Create">Makes it of what was read.</param>
internal sealed record StopKind(string Name, string Doc, IReadOnlyList<Field> Fields, Func<Values, StopCondition> Create)
{
    /// <summary>Says of what was read what cannot be, with its path inside; null: there is nothing to say.</summary>
    public Action<Values, List<RuleError>>? Check { get; init; }
}
