using System.Text;
using SmtpProxy.Protocol;

namespace SmtpProxy.Upstreams;

/// <summary>Commands and replies of a probe, one after the other. What a relay may say is bounded.</summary>
internal sealed class ProbeTalk(Stream stream)
{
    private const int LongestLine = 2048;
    private const int MostLines = 100;
    private readonly byte[] _buffer = new byte[LongestLine];
    private int _held;

    public Stream Stream => stream;

    /// <summary>Octets were read that are no part of a reply that was asked for.</summary>
    public bool HasMore => _held > 0;

    /// <summary>Says a command and reads the reply.</summary>
    public async Task<IReadOnlyList<string>> AskAsync(string command, CancellationToken cancel)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), cancel).ConfigureAwait(false);
        return await ReplyAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Reads a reply; at least one line.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    /// <exception cref="EndOfStreamException">The relay closed before its end.</exception>
    public async Task<IReadOnlyList<string>> ReplyAsync(CancellationToken cancel)
    {
        var lines = new List<string>();
        while (lines.Count < MostLines)
        {
            var line = await LineAsync(cancel).ConfigureAwait(false);
            if (!ReplyLine.TryParse(line, out var reply))
            {
                throw new InvalidDataException("it says what is no SMTP reply");
            }

            lines.Add(Printable(line));
            if (!reply.Continues)
            {
                return lines;
            }
        }

        throw new InvalidDataException($"its reply has more than {MostLines} lines");
    }

    private static string Printable(byte[] line) =>
        string.Create(line.Length, line, static (text, octets) =>
        {
            for (var n = 0; n < text.Length; n++)
            {
                text[n] = octets[n] is >= 0x20 and < 0x7F ? (char)octets[n] : '?';
            }
        });

    private async Task<byte[]> LineAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (_buffer.AsSpan(0, _held).IndexOf((byte)'\n') is var end and >= 0)
            {
                var line = _buffer[..end];
                _held -= end + 1;
                Buffer.BlockCopy(_buffer, end + 1, _buffer, 0, _held);
                return line is [.., (byte)'\r'] ? line[..^1] : line;
            }

            if (_held == _buffer.Length)
            {
                throw new InvalidDataException($"a line of its reply has more than {LongestLine} octets");
            }

            var read = await stream.ReadAsync(_buffer.AsMemory(_held), cancel).ConfigureAwait(false);
            if (read == 0)
            {
                throw new EndOfStreamException("it closed the connection");
            }

            _held += read;
        }
    }
}
