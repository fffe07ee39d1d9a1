using System.Diagnostics;
using System.Globalization;

namespace SmtpProxy.FunctionalTests.Accuracy;

/// <summary>Somebody who thinks for a random while before each answer, and knows how long they did. How much later than wanted their thread
/// was woken is known too: it is woken as late for what arrives, which is their time in the eyes of everybody else and not in their own.
/// </summary>
internal sealed class Thinker(int seed)
{
    private readonly Random _random = new(seed);
    private long _thought;
    private long _late;

    /// <summary>From having something to having handed over its answer.</summary>
    public TimeSpan Thought => Stopwatch.GetElapsedTime(0, _thought);

    public TimeSpan Late => Stopwatch.GetElapsedTime(0, _late);

    public void Answer(Action handOver)
    {
        var had = Stopwatch.GetTimestamp();
        var wanted = TimeSpan.FromMilliseconds(_random.Next(10, 90));
        Thread.Sleep(wanted);
        _late += Math.Max(0, Stopwatch.GetTimestamp() - had - (long)(wanted.TotalSeconds * Stopwatch.Frequency));
        handOver();
        _thought += Stopwatch.GetTimestamp() - had;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Thought.TotalMilliseconds:0} ms, woken {Late.TotalMilliseconds:0} ms late");
}
