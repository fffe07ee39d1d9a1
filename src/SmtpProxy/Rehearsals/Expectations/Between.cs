using SmtpProxy.Faults.Model;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>The members <c>min</c> and <c>max</c> that several expectations have.</summary>
internal static class Between
{
    /// <summary>Reads them; what is left out has no bound.</summary>
    public static (TimeSpan Min, TimeSpan Max) Read(Values values, List<RuleError> errors)
    {
        var (min, max) = (values.Duration("min") ?? TimeSpan.Zero, values.Duration("max") ?? TimeSpan.MaxValue);
        Check(min, max, errors);
        return (min, max);
    }

    /// <summary>Says so where nothing lies between two bounds.</summary>
    public static void Check<T>(T min, T max, List<RuleError> errors)
        where T : IComparable<T>
    {
        if (min.CompareTo(max) > 0)
        {
            errors.Add(new RuleError("min", $"is above max: nothing lies between {min} and {max}"));
        }
    }

    /// <summary>What they say.</summary>
    public static string Said((TimeSpan Min, TimeSpan Max) limits, Func<TimeSpan, string> said) => limits switch
    {
        var (min, max) when min > TimeSpan.Zero && max < TimeSpan.MaxValue => $"between {said(min)} and {said(max)}",
        var (min, max) when max < TimeSpan.MaxValue && min == TimeSpan.Zero => $"within {said(max)}",
        var (min, _) when min > TimeSpan.Zero => $"not before {said(min)}",
        _ => "at any time",
    };
}
