using System.Runtime.CompilerServices;
using System.Text;
using SmtpProxy.Protocol;

namespace SmtpProxy.Sessions.Guard;

/// <summary>
/// Knows where a relay may count the octets of a chunk otherwise than the proxy (RFC 3030 2; PROTOCOL 6), by how BDAT is written. Plainly
/// written, for a relay that offers CHUNKING, it means the same to both. Otherwise the relay may read as commands what is a chunk here, or
/// count octets where lines are read here, and a command may begin anywhere.
/// </summary>
internal struct ChunkWatch
{
    /// <summary>A size of more digits does not fit everywhere.</summary>
    private const int MostDigits = 9;

    /// <summary>The longest line that is plain: verb, blank, size, <c> LAST</c>, CRLF.</summary>
    private const int Longest = 4 + 1 + MostDigits + 5 + 2;

    private Line _line;
    private LineWatch _watch;
    private int _length;
    private bool _isAnnounced;
    private bool _isPlain;

    /// <summary>Where lines begin to the relay nobody knows any more.</summary>
    public bool IsAstray { get; private set; }

    /// <summary>Whether the relay counts the octets of the chunk that was announced last as they are counted here.</summary>
    public readonly bool Trusts(ClientSpeech speech) => _isPlain && speech.OffersChunking;

    /// <summary>Octets of a command line, up to its end at most, that pass.</summary>
    /// <param name="octets">The octets.</param>
    /// <param name="speech">The dialogue after them.</param>
    public void Read(ReadOnlySpan<byte> octets, ClientSpeech speech)
    {
        _isAnnounced |= _watch.Finds(octets, GuardedWords.Bdat) != GuardedWords.None;
        Span<byte> line = _line;
        var kept = Math.Min(octets.Length, Longest - Math.Min(_length, Longest));
        octets[..kept].CopyTo(line[Math.Min(_length, Longest)..]);
        _length += octets.Length;
        if (octets.IsEmpty || octets[^1] != (byte)'\n')
        {
            return;
        }

        _isPlain = _isAnnounced && _length <= Longest && IsPlain(line[.._length]);
        IsAstray |= _isAnnounced && !_isPlain && speech.Phase != ClientPhase.Chunk;
        (_watch, _length, _isAnnounced) = (default, 0, false);
    }

    /// <summary><c>BDAT size [LAST]</c>, one blank between each, and CRLF.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> line)
    {
        if (!line.EndsWith("\r\n"u8) || line.Length < 8 || !Ascii.EqualsIgnoreCase(line[..5], "BDAT "u8))
        {
            return false;
        }

        var arguments = line[5..^2];
        var digits = arguments.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is var end and >= 0 ? end : arguments.Length;
        return digits is > 0 and <= MostDigits && (digits == arguments.Length || Ascii.EqualsIgnoreCase(arguments[digits..], " LAST"u8));
    }

    /// <summary>The beginning of a command line.</summary>
    [InlineArray(Longest)]
    private struct Line
    {
        private byte _first;
    }
}
