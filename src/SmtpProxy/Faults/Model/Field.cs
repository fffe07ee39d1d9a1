namespace SmtpProxy.Faults.Model;

/// <summary>What a value in a rule looks like.</summary>
public enum FieldKind : byte
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>One of a closed set of words.</summary>
    Choice,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number.</summary>
    Number,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>A <see cref="TimeSpan"/> as text, hours:minutes:seconds.</summary>
    Duration,

    /// <summary>A date and time with offset (RFC 3339).</summary>
    Time,

    /// <summary>A list of texts; one alone may stand without brackets.</summary>
    TextList,

    /// <summary>A list of whole numbers; one alone may stand without brackets.</summary>
    IntegerList,

    /// <summary>Whole numbers from <c>min</c> to <c>max</c>, or one number.</summary>
    IntegerRange,

    /// <summary>Durations from <c>min</c> to <c>max</c>.</summary>
    DurationRange,

    /// <summary>Members of its own.</summary>
    Object,

    /// <summary>An action: its <c>type</c> says which members it has.</summary>
    Action,
}

/// <summary>One member of a rule or of an action: from these descriptions come parsing, validation, the JSON
/// Schema, and the documentation.</summary>
/// <param name="Name">Its name, camelCase.</param>
/// <param name="Kind">What it looks like.</param>
/// <param name="Doc">What it means, one sentence.</param>
public sealed record Field(string Name, FieldKind Kind, string Doc)
{
    /// <summary>It must be there.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The words of a <see cref="FieldKind.Choice"/>.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The members of an <see cref="FieldKind.Object"/>.</summary>
    public IReadOnlyList<Field> Members { get; init; } = [];

    /// <summary>The least number that makes sense.</summary>
    public double Min { get; init; } = double.MinValue;

    /// <summary>The greatest number that makes sense.</summary>
    public double Max { get; init; } = double.MaxValue;

    /// <summary>What stands when it is left out, as text for readers; null: nothing.</summary>
    public string? Default { get; init; }

    /// <summary>The word of this kind that a reader expects.</summary>
    public string Expected => Kind switch
    {
        FieldKind.Choice => $"one of {string.Join(", ", Choices)}",
        FieldKind.Integer => "a whole number" + Bounds,
        FieldKind.Number => "a number" + Bounds,
        FieldKind.Flag => "true or false",
        FieldKind.Duration => "a time span such as 00:00:35, at most 365 days",
        FieldKind.Time => "a date and time with offset such as 2026-12-01T00:00:00Z",
        FieldKind.TextList => "a text or a list of texts",
        FieldKind.IntegerList => "a whole number or a list of them",
        FieldKind.IntegerRange => "a whole number, or min and max",
        FieldKind.DurationRange => "min and max, time spans such as 00:00:35",
        FieldKind.Object or FieldKind.Action => "an object with members of its own",
        _ => "a text",
    };

    private string Bounds => (Min > double.MinValue, Max < double.MaxValue) switch
    {
        (true, true) => FormattableString.Invariant($" from {Min} to {Max}"),
        (true, false) => FormattableString.Invariant($" not below {Min}"),
        _ => "",
    };
}
