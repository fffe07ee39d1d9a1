using System.Globalization;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Reports;

/// <summary>What the client did, session by session, in a line each.</summary>
internal static class ClientStory
{
    private const int Most = 12;

    /// <summary>The lines: when, what was said last and answered how, and how it ended.</summary>
    public static IEnumerable<string> Lines(Observation seen)
    {
        foreach (var session in seen.Sessions.Take(Most))
        {
            var last = session.Exchanges.LastOrDefault(static e => e.Code is null or >= 400)
                ?? (session.Exchanges is [.., var end] ? end : null);
            var said = last is null ? "nothing was said"
                : $"{last.Verb} {last.Code?.ToString(CultureInfo.InvariantCulture) ?? "unanswered"}";
            var faults = session.Faults.Count == 0 ? ""
                : $", struck by {string.Join(", ", session.Faults.Select(static f => f.Action).Distinct(StringComparer.Ordinal))}";
            yield return string.Create(CultureInfo.InvariantCulture,
                $"+{session.Began - seen.Began:0.000} s  {said}{faults}; {Took(session)}{session.Outcome ?? "goes on"} after " +
                $"{session.Ended - session.Began:0.000} s");
        }

        if (seen.Sessions.Count > Most)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"and {seen.Sessions.Count - Most} sessions more");
        }

        if (seen.Sessions.Count == 0)
        {
            yield return "no session: the client did not connect";
        }
    }

    private static string Took(SeenSession session) => session.Tries.Count(static t => t.IsTaken) is > 0 and var taken
        ? string.Create(CultureInfo.InvariantCulture, $"{taken} taken by {session.Destination}; ") : "";
}
