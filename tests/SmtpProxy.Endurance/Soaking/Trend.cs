using System.Globalization;

namespace SmtpProxy.Endurance.Soaking;

/// <summary>
/// Whether a level has stopped growing: a straight line through what was measured, in octets for each session. A run that is too short, or
/// too noisy, to tell a leak from none is not good either: what counts is the steepest line that the figures allow.
/// </summary>
/// <param name="name">What is measured.</param>
/// <param name="most">Octets a session that a line may rise by.</param>
internal sealed class Trend(string name, double most)
{
    private readonly List<(double Sessions, double Octets)> _points = [];

    /// <summary>One more measurement.</summary>
    public void Add(double sessions, double octets) => _points.Add((sessions, octets));

    /// <summary>Whether no line that rises by more than it may fits: the slope and twice its error.</summary>
    public bool IsLevel
    {
        get
        {
            var (slope, error) = Line();
            return slope + (2 * error) <= most;
        }
    }

    public override string ToString()
    {
        var (slope, error) = Line();
        return string.Create(CultureInfo.InvariantCulture, $"{name} {slope:F0} ± {2 * error:F0} octets a session (at most {most:F0})");
    }

    /// <summary>The line of least squares: its slope, and the standard error of that.</summary>
    private (double Slope, double Error) Line()
    {
        if (_points.Count < 4)
        {
            return (0, double.PositiveInfinity);
        }

        var (meanSessions, meanOctets) = (_points.Average(static p => p.Sessions), _points.Average(static p => p.Octets));
        var spread = _points.Sum(p => Square(p.Sessions - meanSessions));
        var slope = _points.Sum(p => (p.Sessions - meanSessions) * (p.Octets - meanOctets)) / spread;
        var left = _points.Sum(p => Square(p.Octets - meanOctets - (slope * (p.Sessions - meanSessions))));
        return (slope, Math.Sqrt(left / (_points.Count - 2) / spread));
    }

    private static double Square(double of) => of * of;
}
