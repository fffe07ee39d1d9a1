using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Configuration.Sources;

/// <summary>All sources laid over each other at one moment.</summary>
/// <param name="Values">What stands, flat. Capitals do not count.</param>
/// <param name="Origins">Where each of them was said.</param>
/// <param name="Files">The files that were read, lowest first.</param>
/// <param name="Ignored">Sections of files that are somebody else's, with their places.</param>
/// <param name="Unreadable">Files that could not be read: without them nothing else can be judged.</param>
/// <param name="Misnamed">Names that were meant for us and are written wrongly. The values stand where they were meant to, so
/// that the rest can be judged.</param>
internal sealed record LaidSettings(
    Dictionary<string, string?> Values,
    IReadOnlyDictionary<string, SettingOrigin> Origins,
    IReadOnlyList<string> Files,
    IReadOnlyList<string> Ignored,
    IReadOnlyList<Problem> Unreadable,
    IReadOnlyList<Problem> Misnamed)
{
    /// <summary>Whether no source named a relay, so that the sink takes the place of one.</summary>
    public bool SinkStandsIn { get; init; }

    /// <summary>Adds to a problem where the wrong value was said, if it was said anywhere.</summary>
    public Problem Locate(Problem problem)
    {
        var key = Origins.Keys.FirstOrDefault(k => Roots.IsIn(k, problem.Key));
        return key is null ? problem : problem with { Text = $"{problem.Text} {Origins[key]}" };
    }
}
