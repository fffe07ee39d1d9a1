using System.Runtime.CompilerServices;

namespace SmtpProxy.Cli.Watching;

/// <summary>One server-sent event.</summary>
internal sealed record ServerEvent(string Name, string? Id, string Data);

/// <summary>Reads server-sent events (HTML Living Standard 9.2).</summary>
internal static class EventReader
{
    /// <summary>The events of a stream, until it ends.</summary>
    public static async IAsyncEnumerable<ServerEvent> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var reader = new StreamReader(stream);
        var (name, id, data) = ("message", (string?)null, new List<string>());
        while (await reader.ReadLineAsync(cancel).ConfigureAwait(false) is { } line)
        {
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
}
