using System.Runtime.CompilerServices;
using System.Text;

namespace SmtpProxy.Cli.Watching;

/// <summary>One server-sent event.</summary>
internal sealed record ServerEvent(string Name, string? Id, string Data);

/// <summary>Reads server-sent events (HTML Living Standard 9.2).</summary>
internal static class EventReader
{
    /// <summary>More characters than the record of any session has.</summary>
    public const int Most = 16 * 1024 * 1024;

    /// <summary>The events of a stream, until it ends.</summary>
    /// <exception cref="InvalidDataException">One has more than <see cref="Most"/> characters: it is no proxy's.</exception>
    public static async IAsyncEnumerable<ServerEvent> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var reader = new StreamReader(stream);
        var (name, id, data) = ("message", (string?)null, new List<string>());
        var held = 0;
        await foreach (var line in LinesAsync(reader, cancel).ConfigureAwait(false))
        {
            held = line.Length == 0 ? 0 : held + line.Length;
            Bound(held);
            if (line.Length == 0)
            {
                if (data.Count > 0)
                {
                    yield return new ServerEvent(name, id, string.Join('\n', data));
                }

                (name, data) = ("message", []);
                continue;
            }

            var colon = line.IndexOf(':');
            var (field, value) = colon < 0 ? (line, "") : (line[..colon], line[(colon + 1)..].TrimStart(' '));
            switch (field)
            {
                case "event":
                    name = value;
                    break;
                case "id":
                    id = value;
                    break;
                case "data":
                    data.Add(value);
                    break;
            }
        }
    }

    /// <summary>Whole lines, without their ends.</summary>
    private static async IAsyncEnumerable<string> LinesAsync(StreamReader reader, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (line, piece) = (new StringBuilder(), new char[4096]);
        for (int read; (read = await reader.ReadAsync(piece, cancel).ConfigureAwait(false)) > 0;)
        {
            var rest = piece.AsMemory(0, read);
            for (int end; (end = rest.Span.IndexOf('\n')) >= 0; rest = rest[(end + 1)..])
            {
                line.Append(rest.Span[..end]);
                yield return line.ToString().TrimEnd('\r');
                line.Clear();
            }

            line.Append(rest.Span);
            Bound(line.Length);
        }
    }

    private static void Bound(int length)
    {
        if (length > Most)
        {
            throw new InvalidDataException("an event of more than 16 Mi characters");
        }
    }
}
