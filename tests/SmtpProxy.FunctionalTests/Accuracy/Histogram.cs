using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Accuracy;

/// <summary>A histogram of <c>/metrics</c>, all its series with these labels in one.</summary>
internal sealed class Histogram
{
    /// <summary>The upper bounds of the buckets for seconds (docs/telemetry.md).</summary>
    private static readonly double[] Bounds = [.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60,
        120, 300, double.PositiveInfinity];

    private readonly double[] _upTo;

    public Histogram(Metrics metrics, string name, params (string Label, string Value)[] labels) =>
        _upTo = [.. Bounds.Select(bound =>
            metrics.Sum($"{name}_bucket",
                [.. labels, ("le", double.IsInfinity(bound)
                    ? "+Inf" : bound.ToString(System.Globalization.CultureInfo.InvariantCulture))]))];

    /// <summary>How many values it has.</summary>
    public double Count => _upTo[^1];

    /// <summary>Which bucket a quantile lies in, by its upper bound.</summary>
    public double BucketOf(double quantile) => Bounds[Array.FindIndex(_upTo, upTo => upTo >= quantile * Count)];

    /// <summary>How many values are in buckets above one.</summary>
    public double Above(double bound) => Count - _upTo[Array.IndexOf(Bounds, bound)];

    /// <summary>The bucket of a value, by its upper bound.</summary>
    public static double BucketOf(TimeSpan value) => Bounds.First(bound => value.TotalSeconds <= bound);
}
