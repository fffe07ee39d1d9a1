namespace SmtpProxy.Faults.Model;

/// <summary>What an action is called, where it can strike, and what it takes: the one description, from which parsing, the JSON Schema and
/// the documentation come.</summary>
/// <param name="Name">Its name in <c>action.type</c>.</param>
/// <param name="Doc">What happens on the wire, one sentence.</param>
/// <param name="Points">Where it can strike.</param>
/// <param name="Fields">What it takes.</param>
/// <param name="Create">Makes it of what was read; what is wrong is added to the list.</param>
public sealed record ActionDescription(
    string Name, string Doc, IReadOnlyList<FaultPoint> Points, IReadOnlyList<Field> Fields,
    Func<Values, List<RuleError>, FaultAction> Create);
