using System.Globalization;
using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>Replies, or whole sessions, take no longer than so.</summary>
internal sealed class LatencyExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("latency",
        "Replies to a command, or whole sessions, take no longer than a time.",
        [
            new("of", FieldKind.Text, "greeting, session, a command such as RCPT, or . for the end of data.") { IsRequired = true },
            new("max", FieldKind.Duration, "How long at most.") { IsRequired = true },
            new("percentile", FieldKind.Number, "Of how many of a hundred that is asked.") { Min = 1, Max = 100, Default = "100" },
        ],
        static (values, errors) =>
        {
            KnownNames.Step(values.Text("of")!, errors);
            return new LatencyExpectation(values);
        });

    private readonly string _of;
    private readonly TimeSpan _max;
    private readonly double _percentile;

    private LatencyExpectation(Values values) =>
        (_of, _max, _percentile) = (values.Text("of")!, values.Duration("max") ?? default, values.Number("percentile") ?? 100);

    public override string Text => string.Create(CultureInfo.InvariantCulture,
        $"{_of} within {Said(_max)}{(_percentile < 100 ? $" for {_percentile:0.#} %" : "")}");

    public override Judgement Judge(Observation seen)
    {
        var times = Times(seen, _of).OrderBy(static t => t.Seconds).ToList();
        if (times.Count == 0)
        {
            return Judgement.Broken($"there was no {_of}");
        }

        var (seconds, session) = times[Math.Max(0, (int)Math.Ceiling(times.Count * _percentile / 100) - 1)];
        return new Judgement(seconds <= _max.TotalSeconds, $"{_of} took {Said(seconds)}", session);
    }

    /// <summary>How long each took, and in which session.</summary>
    public static IEnumerable<(double Seconds, string Session)> Times(Observation seen, string of) =>
        of.Equals("session", StringComparison.OrdinalIgnoreCase)
            ? seen.Sessions.Select(static s => (s.Ended - s.Began, s.Id))
            : from session in seen.Sessions
              from exchange in session.Exchanges
              where exchange.Verb.Equals(of, StringComparison.OrdinalIgnoreCase)
              // What was never answered took at least until the session's end.
              let unanswered = exchange.Code is null ? session.Ended - session.Began - (exchange.AtMs / 1000) : (double?)null
              let seconds = exchange.Ms is { } ms ? ms / 1000 : unanswered
              where seconds is not null
              select (Math.Max(0, seconds.Value), session.Id);
}
