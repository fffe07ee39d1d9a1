using SmtpProxy.Faults.Model;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>The members <c>min</c> and <c>max</c> that several expectations have.</summary>
internal static class Between
{
    /// <summary>Reads them; what is left out has no bound.</summary>
    public static (TimeSpan Min, TimeSpan Max) Read(Values values, List<RuleError> errors)
    {
        var (min, max) = (values.Duration("min") ?? TimeSpan.Zero, values.Duration("max") ?? TimeSpan.MaxValue);
        if (min > max)
        {
            errors.Add(new RuleError("min", $"is above max: nothing lies between {min} and {max}"));
        }

        return (min, max);
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
