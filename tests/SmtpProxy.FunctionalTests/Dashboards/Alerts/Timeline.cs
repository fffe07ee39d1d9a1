using System.Globalization;
using System.Text;

namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>
/// Hours and days of one proxy, made of scenes that it played in seconds: each step of the time repeats a scene. Counters and histograms go
/// on by what the scene added to them, gauges have the value that they had at its end, and a wait grows as it grew in the scene. Where the
/// scene's proxy did not answer, series end.
/// </summary>
/// <param name="step">From one scrape to the next.</param>
internal sealed class Timeline(TimeSpan step)
{
    private readonly List<(Scene Scene, int Steps)> _played = [];

    /// <summary>From one scrape to the next.</summary>
    public TimeSpan Step { get; } = step;

    /// <summary>How long it is so far.</summary>
    public TimeSpan Length => Step * _played.Sum(static p => p.Steps);

    /// <summary>Repeats a scene once a step for so long.</summary>
    public Timeline Play(Scene scene, TimeSpan length)
    {
        _played.Add((scene, (int)(length / Step)));
        return this;
    }

    /// <summary>Plays a scene once in so many steps, and another one in the others.</summary>
    public Timeline Mix(Scene rare, Scene often, int oneIn, TimeSpan length)
    {
        for (var left = (int)(length / Step); left > 0; left -= oneIn)
        {
            _played.Add((often, Math.Min(left, oneIn - 1)));
            _played.Add((rare, left >= oneIn ? 1 : 0));
        }

        return this;
    }

    /// <summary>As input of <c>promtool test rules</c>.</summary>
    /// <param name="names">The metrics that are wanted; null: all.</param>
    /// <param name="labels">Labels that Prometheus gives to its target.</param>
    public IEnumerable<(string Series, string Values)> Input(IReadOnlySet<string>? names, string labels)
    {
        var keys = _played.SelectMany(static p => p.Scene.Before.Series.Keys.Concat(p.Scene.After.Series.Keys)).Distinct()
            .Where(k => names?.Contains(Scrape.NameOf(k)) != false);
        foreach (var key in keys)
        {
            yield return (key.Contains('{', StringComparison.Ordinal)
                ? key.Replace("{", $"{{{labels},", StringComparison.Ordinal) : $"{key}{{{labels}}}", Values(key));
        }

        if (names?.Contains("up") != false)
        {
            yield return ($"up{{{labels}}}",
                string.Join(' ', _played.Where(static p => p.Steps > 0)
                    .Select(static p => $"{(p.Scene.After.IsUp ? 1 : 0)}x{p.Steps - 1}")));
        }
    }

    private string Values(string key)
    {
        var values = new StringBuilder();
        var isCounted = key.Contains("_total", StringComparison.Ordinal)
            || Scrape.NameOf(key) is var name && (name.EndsWith("_bucket", StringComparison.Ordinal)
            || name.EndsWith("_sum", StringComparison.Ordinal) || name.EndsWith("_count", StringComparison.Ordinal));
        double? last = null;
        foreach (var (scene, steps) in _played.Where(static p => p.Steps > 0))
        {
            if (!scene.After.Series.TryGetValue(key, out var after))
            {
                // What ends is marked so by Prometheus; what was not there is not there yet.
                values.Append(last is null ? "" : "stale ")
                    .Append(CultureInfo.InvariantCulture, $"_x{(last is null ? steps : steps - 1)} ");
                last = null;
                continue;
            }

            var before = scene.Before.Series.GetValueOrDefault(key);
            var (first, slope) = isCounted
                ? ((last ?? before) + after - before, after - before)
                : (after, key.Contains("_oldest_seconds", StringComparison.Ordinal) ? Growth(scene, after - before) : 0);
            values.Append(CultureInfo.InvariantCulture, $"{first:R}{(slope < 0 ? "" : "+")}{slope:R}x{steps - 1} ");
            last = first + (slope * (steps - 1));
        }

        return values.ToString().TrimEnd();
    }

    /// <summary>Seconds that a wait grows in a step, as it grew in the scene.</summary>
    private double Growth(Scene scene, double grown) =>
        scene.After.At > scene.Before.At ? Math.Max(0, grown / (scene.After.At - scene.Before.At).TotalSeconds) * Step.TotalSeconds : 0;
}
