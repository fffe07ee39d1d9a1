using System.Runtime.CompilerServices;
using System.Text;

namespace SmtpProxy.Admin.Fleet;

/// <summary>Reads the server-sent events of a member (WHATWG HTML 9.2), each of one line of data, as the product sends them. What is longer
/// than a session ever is ends the reading, and so does a silence.</summary>
internal static class PeerEvents
{
    private const int LongestLine = 256 * 1024;

    /// <summary>A member says at least every 15 seconds that it is there.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(35);

    /// <summary>The events, until the stream ends.</summary>
    /// <exception cref="IOException">It broke off, or is no such stream.</exception>
    public static async IAsyncEnumerable<(string Name, string? Id, string Data)> ReadAsync(Stream stream,
        [EnumeratorCancellation] CancellationToken stop)
    {
        var (name, id, data) = ("", (string?)null, (string?)null);
        await foreach (var line in LinesAsync(stream, stop).ConfigureAwait(false))
        {
            if (line.Length == 0)
            {
                if (data is not null)
                {
                    yield return (name, id, data);
                }

                (name, data) = ("", null);
            }
            else if (Value(line, "event: ") is { } its)
            {
                name = its;
            }
            else if (Value(line, "data: ") is { } text)
            {
                data = text;
            }
            else if (Value(line, "id: ") is { Length: <= 64 } place)
            {
                id = place;
            }
        }
    }

    private static string? Value(string line, string field) =>
        line.StartsWith(field, StringComparison.Ordinal) ? line[field.Length..] : null;

    private static async IAsyncEnumerable<string> LinesAsync(Stream stream, [EnumeratorCancellation] CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var (part, line) = (new char[4096], new StringBuilder());
        while (true)
        {
            patience.CancelAfter(Silence);
            var read = await reader.ReadAsync(part, patience.Token).ConfigureAwait(false);
            if (read == 0)
            {
                yield break;
            }

            var begin = 0;
            for (var at = 0; at < read; at++)
            {
                if (part[at] == '\n')
                {
                    yield return line.Append(part, begin, at - begin).ToString();
                    line.Clear();
                    begin = at + 1;
                }
            }

            line.Append(part, begin, read - begin);
            if (line.Length > LongestLine)
            {
                throw new IOException("A line of an event is too long.");
            }
        }
    }
}
