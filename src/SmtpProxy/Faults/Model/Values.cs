namespace SmtpProxy.Faults.Model;

/// <summary>The members of a rule, an action or a part of one, as they were read: each of the type that its description says.</summary>
public sealed class Values
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    /// <summary>The members that are there.</summary>
    public IReadOnlyDictionary<string, object> All => _values;

    /// <summary>Sets a member.</summary>
    public void Set(string name, object value) => _values[name] = value;

    /// <summary>Whether it is there.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>Text, or a word of a choice.</summary>
    public string? Text(string name) => Get<string>(name);

    /// <summary>A whole number.</summary>
    public long? Integer(string name) => Value<long>(name);

    /// <summary>A number.</summary>
    public double? Number(string name) => Value<double>(name);

    /// <summary>true or false; false when it is not there.</summary>
    public bool Flag(string name) => Value<bool>(name) ?? false;

    /// <summary>A duration.</summary>
    public TimeSpan? Duration(string name) => Value<TimeSpan>(name);

    /// <summary>A <c>Time</c> member: a date with time and offset (RFC 3339); null when it is not there.</summary>
    public DateTimeOffset? Time(string name) => Value<DateTimeOffset>(name);

    /// <summary>Texts; empty when it is not there.</summary>
    public IReadOnlyList<string> Texts(string name) => Get<IReadOnlyList<string>>(name) ?? [];

    /// <summary>Numbers; empty when it is not there.</summary>
    public IReadOnlyList<long> Integers(string name) => Get<IReadOnlyList<long>>(name) ?? [];

    /// <summary>From and to.</summary>
    public Bounds<long>? IntegerRange(string name) => Get<Bounds<long>>(name);

    /// <summary>From and to.</summary>
    public Bounds<TimeSpan>? DurationRange(string name) => Get<Bounds<TimeSpan>>(name);

    /// <summary>Members of its own; empty when it is not there.</summary>
    public Values Object(string name) => Get<Values>(name) ?? new Values();

    private T? Get<T>(string name)
        where T : class => _values.GetValueOrDefault(name) as T;

    private T? Value<T>(string name)
        where T : struct => _values.GetValueOrDefault(name) is T value ? value : null;
}

/// <summary>From and to, both included.</summary>
/// <param name="Min">The least.</param>
/// <param name="Max">The greatest.</param>
public sealed record Bounds<T>(T Min, T Max)
    where T : IComparable<T>
{
    /// <summary>Whether a value lies between them.</summary>
    public bool Contains(T value) => value.CompareTo(Min) >= 0 && value.CompareTo(Max) <= 0;
}
