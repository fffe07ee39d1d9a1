namespace SmtpProxy.Faults.Model;

/// <summary>Which of the matching occasions of a rule are struck: James and others show that first and nth carry most tests.</summary>
/// <param name="values">As read.</param>
public sealed class Occurrence(Values values)
{
    private readonly long? _first = values.Integer("first");
    private readonly long? _every = values.Integer("every");
    private readonly long? _after = values.Integer("after");
    private readonly HashSet<long> _nth = [.. values.Integers("nth")];

    /// <summary>What is counted apart: rule, connection, client, envelope.</summary>
    public string Scope { get; } = values.Text("scope") ?? "rule";

    /// <summary>Every occasion is struck: nothing need be counted.</summary>
    public bool IsAlways => _first is null && _every is null && _after is null && _nth.Count == 0;

    /// <summary>Whether the occasion with this number, from 1, is struck.</summary>
    public bool Includes(long number) =>
        (_first is null || number <= _first + (_after ?? 0))
        && (_after is null || number > _after)
        && (_every is null || (number - (_after ?? 0)) % _every == 0)
        && (_nth.Count == 0 || _nth.Contains(number));
}
