using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace SmtpProxy.Endurance;

/// <summary>A stream as lines that end with CR LF, or LF alone.</summary>
/// <param name="stream">The connection.</param>
internal sealed class Lines(Stream stream)
{
    private readonly byte[] _octets = new byte[16 * 1024];
    private int _at;
    private int _end;

    /// <summary>A whole line more is here already.</summary>
    public bool HasMore => _octets.AsSpan(_at, _end - _at).Contains((byte)'\n');

    /// <summary>The next line without its end; null at the end of the stream.</summary>
    public async ValueTask<string?> ReadAsync(CancellationToken stop)
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_at == _end && (_end = await stream.ReadAsync(_octets, stop).ConfigureAwait(false)) == 0)
            {
                _at = 0;
                return null;
            }

            _at = _at == _end ? 0 : _at;
            var found = _octets.AsSpan(_at, _end - _at).IndexOf((byte)'\n');
            var length = found < 0 ? _end - _at : found + 1;
            line.Append(Encoding.Latin1.GetString(_octets, _at, length));
            _at += length;
            if (_at == _end)
            {
                _at = _end = 0;
            }

            if (found >= 0)
            {
                return line.ToString().TrimEnd('\n').TrimEnd('\r');
            }
        }
    }

    /// <summary>The code of the next reply; 0 when the stream ends first.</summary>
    public async ValueTask<int> ReplyAsync(CancellationToken stop)
    {
        while (await ReadAsync(stop).ConfigureAwait(false) is { } line)
        {
            if (line.Length < 4 || line[3] != '-')
            {
                return line.Length >= 3 && int.TryParse(line.AsSpan(0, 3), out var code) ? code : -1;
            }
        }

        return 0;
    }

    /// <summary>Whether an exception is only that of a peer that left.</summary>
    public static bool IsEnd(Exception e) =>
        e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or AuthenticationException;
}
