using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SmtpProxy.Endurance.Attacks;

/// <summary>What the proxy itself took of sessions, from its journal: a sender's clock shows who had the processor as well.</summary>
/// <param name="journal">The file.</param>
/// <param name="listener">Whose sessions.</param>
internal sealed class OwnTime(string journal, string listener)
{
    private long _read;

    /// <summary>Reads on until so many sessions have come, for half a minute at most.</summary>
    /// <returns>The milliseconds of each that were the proxy's, the least first.</returns>
    public async Task<double[]> OfAsync(int sessions)
    {
        var taken = new List<double>();
        for (var waited = 0; taken.Count < sessions && waited < 300; waited++)
        {
            await Task.Delay(100).ConfigureAwait(false);
            taken.AddRange(Next());
        }

        return [.. taken.Order()];
    }

    /// <summary>What came since.</summary>
    private List<double> Next()
    {
        using var file = new FileStream(journal, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        file.Position = _read;
        var octets = new byte[file.Length - _read];
        file.ReadExactly(octets);
        // The last line may not be whole.
        var whole = octets.AsSpan(0, octets.AsSpan().LastIndexOf((byte)'\n') + 1);
        _read += whole.Length;
        var ours = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\"listener\":\"{listener}\""));
        var taken = new List<double>();
        while (!whole.IsEmpty)
        {
            var line = whole[..(whole.IndexOf((byte)'\n') + 1)];
            whole = whole[line.Length..];
            if (line.IndexOf(ours) >= 0)
            {
                var reader = new Utf8JsonReader(line);
                using var session = JsonDocument.ParseValue(ref reader);
                taken.Add(session.RootElement.GetProperty("proxy_ms").GetDouble());
            }
        }

        return taken;
    }
}
