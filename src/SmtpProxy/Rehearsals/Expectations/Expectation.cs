using System.Globalization;
using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>Something that must be true of what a client does. Says so of whatever was seen up to a moment: a rehearsal asks again as
/// long as it goes on.</summary>
internal abstract class Expectation
{
    /// <summary>What is expected, in words.</summary>
    public abstract string Text { get; }

    /// <summary>Whether metrics must be read for it.</summary>
    public virtual bool NeedsMetrics => false;

    /// <summary>Where alerts are asked for; null: they are not.</summary>
    public virtual Uri? Prometheus => null;

    /// <summary>Judges.</summary>
    public abstract Judgement Judge(Observation seen);

    /// <summary>A time as people say it.</summary>
    protected static string Said(TimeSpan time) => Said(time.TotalSeconds);

    /// <summary>Seconds as people say them.</summary>
    protected static string Said(double seconds) => seconds switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0} ms"),
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.##} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0.#} min"),
    };

    /// <summary>A number of things.</summary>
    protected static string Count(int count, string one, string more) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : more)}");
}

/// <summary>What an expectation is called and what it takes: reading, the schema and the documentation come from here.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Doc">When it holds, one sentence.</param>
/// <param name="Fields">What it takes.</param>
/// <param name="Create">Makes it of what was read; what is wrong is added to the list, with its path inside.</param>
internal sealed record ExpectationKind(string Name, string Doc, IReadOnlyList<Field> Fields,
    Func<Values, List<RuleError>, Expectation> Create);
