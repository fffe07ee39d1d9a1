using System.Globalization;
using System.Text;

namespace SmtpProxy.Tests.Simulation;

/// <summary>What happened last, for the message of a failure.</summary>
internal sealed class Transcript(VirtualTime time)
{
    private const int Longest = 60;
    private const int Last = 2_000;
    private readonly Queue<string> _lines = new();

    public static string Show(ReadOnlySpan<byte> octets)
    {
        var head = Encoding.Latin1.GetString(octets[..Math.Min(octets.Length, Longest)])
            .Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return octets.Length > Longest ? $"{octets.Length} octets '{head}…'" : $"'{head}'";
    }

    public void Add(string line)
    {
        _lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{time.Elapsed.TotalMilliseconds,12:0.000} ms  {line}"));
        if (_lines.Count > Last)
        {
            _lines.Dequeue();
        }
    }

    public override string ToString() => string.Join('\n', _lines);
}
