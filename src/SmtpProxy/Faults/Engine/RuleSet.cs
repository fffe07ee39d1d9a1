using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Engine;

/// <summary>The rules at one revision. Never changes; what a rule has done so far goes on in its state.</summary>
internal sealed class RuleSet
{
    /// <summary>No rules.</summary>
    public static readonly RuleSet Empty = new([], 0, 0);

    private readonly RuleState[][] _at;

    /// <summary>A set of these rules.</summary>
    public RuleSet(IEnumerable<RuleState> rules, long stamp, long revision)
    {
        All = [.. rules.OrderBy(static r => r.Rule.Order).ThenBy(static r => r.Rule.Id, StringComparer.Ordinal)];
        (Stamp, Revision) = (stamp, revision);
        _at = [.. Enum.GetValues<FaultPoint>().Select(point =>
            All.Where(r => r.Rule.IsEnabled && (r.Rule.At == point || (r.Rule.At == FaultPoint.AnyCommand && IsCommand(point))))
                .ToArray())];
        HasArmed = All.Any(static r => r.Rule.IsEnabled);
    }

    /// <summary>Every rule, in the order in which they are asked.</summary>
    public IReadOnlyList<RuleState> All { get; }

    /// <summary>Another one with every change.</summary>
    public long Stamp { get; }

    /// <summary>What callers are told: grows with every change, in a fleet with those that it has in common.</summary>
    public long Revision { get; }

    /// <summary>Whether a rule is enabled.</summary>
    public bool HasArmed { get; }

    /// <summary>The enabled rules that may strike at a point.</summary>
    public ReadOnlySpan<RuleState> At(FaultPoint point) => _at[(int)point];

    /// <summary>Whether anyCommand means this point too: every command line; the last chunk of BDAT is one, the dot is none.</summary>
    private static bool IsCommand(FaultPoint point) => FaultAction.Commands.Contains(point) && point is not FaultPoint.AuthStep;
}
