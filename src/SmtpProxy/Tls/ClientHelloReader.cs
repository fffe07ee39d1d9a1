namespace SmtpProxy.Tls;

/// <summary>What came of reading octets for a <see cref="ClientHello"/>.</summary>
public enum ClientHelloState : byte
{
    /// <summary>More octets are needed.</summary>
    Incomplete,

    /// <summary>It is there.</summary>
    Complete,

    /// <summary>It is no TLS, or none that is understood, or too long.</summary>
    Unreadable,
}

/// <summary>Finds the client's first message in the records of TLS (RFC 8446, section 5.1), however they are cut. Bounded; never throws.
/// What comes in one piece is not copied.</summary>
public sealed class ClientHelloReader
{
    /// <summary>The first octet of a record that holds handshake messages.</summary>
    public const byte HandshakeRecord = 0x16;

    /// <summary>Octets of the message that are looked at.</summary>
    public const int Longest = 16 * 1024;

    private const byte Hello = 1;
    private const byte MajorVersion = 3;
    private const int RecordHeader = 5;
    private const int MessageHeader = 4;
    private const int LongestRecord = 16 * 1024;

    private readonly byte[] _header = new byte[RecordHeader];
    private byte[] _message = [];
    private int _headerUsed;
    private int _recordLeft;
    private int _used;
    private bool _isUnreadable;

    /// <summary>Takes the client's next octets; once it has answered anything but <see cref="ClientHelloState.Incomplete"/>
    /// there is no more to do.</summary>
    public ClientHelloState Read(ReadOnlySpan<byte> octets, out ClientHello? hello)
    {
        hello = null;
        while (!octets.IsEmpty && !_isUnreadable)
        {
            if (_recordLeft == 0)
            {
                octets = octets[TakeHeader(octets)..];
                continue;
            }

            var piece = octets[..Math.Min(octets.Length, _recordLeft)];
            octets = octets[piece.Length..];
            _recordLeft -= piece.Length;
            if (Take(piece) is { IsEmpty: false } body)
            {
                hello = ClientHello.Parse(body[MessageHeader..]);
                return hello is null ? ClientHelloState.Unreadable : ClientHelloState.Complete;
            }
        }

        return _isUnreadable ? ClientHelloState.Unreadable : ClientHelloState.Incomplete;
    }

    private int TakeHeader(ReadOnlySpan<byte> octets)
    {
        var taken = Math.Min(octets.Length, RecordHeader - _headerUsed);
        octets[..taken].CopyTo(_header.AsSpan(_headerUsed));
        _headerUsed += taken;
        if (_header[0] != HandshakeRecord || (_headerUsed > 1 && _header[1] != MajorVersion))
        {
            _isUnreadable = true;
        }
        else if (_headerUsed == RecordHeader)
        {
            (_headerUsed, _recordLeft) = (0, (_header[3] << 8) | _header[4]);
            _isUnreadable = _recordLeft is 0 or > LongestRecord;
        }

        return taken;
    }

    /// <summary>A piece of the message: answers all of it once it is whole, and nothing before.</summary>
    private ReadOnlySpan<byte> Take(ReadOnlySpan<byte> piece)
    {
        if (_used == 0 && LengthOf(piece) is var length and > 0 && length <= piece.Length)
        {
            return piece[..length];
        }

        if (_used + piece.Length > _message.Length)
        {
            Array.Resize(ref _message, Math.Min(MessageHeader + Longest, Math.Max(512, 2 * (_used + piece.Length))));
        }

        var taken = Math.Min(piece.Length, _message.Length - _used);
        piece[..taken].CopyTo(_message.AsSpan(_used));
        _used += taken;
        length = LengthOf(_message.AsSpan(0, _used));
        return length > 0 && length <= _used ? _message.AsSpan(0, length) : default;
    }

    /// <summary>Octets of the message with its header; 0: not known yet, or not to be known.</summary>
    private int LengthOf(ReadOnlySpan<byte> message)
    {
        if (message.Length < MessageHeader)
        {
            _isUnreadable |= message.Length > 0 && message[0] != Hello;
            return 0;
        }

        var body = (message[1] << 16) | (message[2] << 8) | message[3];
        if (message[0] != Hello || body > Longest)
        {
            _isUnreadable = true;
            return 0;
        }

        return MessageHeader + body;
    }
}
