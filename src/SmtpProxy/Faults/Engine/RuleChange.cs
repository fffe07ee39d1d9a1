using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Engine;

/// <summary>Whether a change of the rules stands, or why not.</summary>
public enum RuleChangeKind : byte
{
    /// <summary>The change stands.</summary>
    Done,

    /// <summary>A rule cannot work.</summary>
    Refused,

    /// <summary>The rules are at another revision than was asked for.</summary>
    OtherRevision,

    /// <summary>The rule belongs to the configuration.</summary>
    OfFile,

    /// <summary>There is no such rule.</summary>
    NotThere,

    /// <summary>The fleet, which has its rules in common, cannot be asked.</summary>
    Unreachable,
}

/// <summary>The result of a change of the rules.</summary>
/// <param name="Kind">Whether it stands, or why not.</param>
/// <param name="Revision">The revision of the rules now.</param>
/// <param name="Errors">What is wrong, when it was refused.</param>
public sealed record RuleChange(RuleChangeKind Kind, long Revision, IReadOnlyList<RuleError> Errors);
