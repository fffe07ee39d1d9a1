namespace SmtpProxy.Protocol.Hello;

/// <summary>What the first octets of a line turn out to be.</summary>
public enum Plausibility : byte
{
    /// <summary>More octets are needed to tell.</summary>
    Undecided,

    /// <summary>The beginning of a ClientHello.</summary>
    Plausible,

    /// <summary>Anything else.</summary>
    Implausible,
}

/// <summary>Tells TLS from a line that merely begins with its first octet (PROTOCOL 7.7): a handshake record (RFC 8446 5.1) that begins
/// with a ClientHello (4, 4.1.2) has a version, a length and a message within it that fit together.</summary>
public static class ClientHelloRecord
{
    /// <summary>The first octet of a handshake record.</summary>
    public const byte Handshake = 0x16;

    /// <summary>Octets that suffice to tell: the header of the record and that of the message.</summary>
    public const int Enough = 9;

    private const byte MajorVersion = 3;
    private const byte HighestMinor = 4;
    private const byte ClientHello = 1;
    private const int MessageHeader = 4;
    private const int LongestRecord = 1 << 14;

    /// <summary>Whether an octet is the first of a record of TLS, of whichever kind.</summary>
    public static bool IsRecordType(byte octet) => octet is >= 0x14 and <= 0x18;

    /// <summary>Judges the first octets of a line, as many as there are.</summary>
    public static Plausibility Judge(ReadOnlySpan<byte> octets)
    {
        if ((octets.Length > 0 && octets[0] != Handshake)
            || (octets.Length > 1 && octets[1] != MajorVersion)
            || (octets.Length > 2 && octets[2] > HighestMinor)
            || (octets.Length > 3 && octets[3] > LongestRecord >> 8)
            || (octets.Length > 4 && RecordLength(octets) is <= MessageHeader or > LongestRecord)
            || (octets.Length > 5 && octets[5] != ClientHello)
            || (octets.Length > 6 && octets[6] != 0))
        {
            return Plausibility.Implausible;
        }

        if (octets.Length < Enough)
        {
            return Plausibility.Undecided;
        }

        // A message may go on in another record (RFC 8446 5.1); behind a ClientHello nothing else can stand in its record.
        var message = MessageHeader + ((octets[7] << 8) | octets[8]);
        return message > MessageHeader && message >= RecordLength(octets) ? Plausibility.Plausible : Plausibility.Implausible;
    }

    private static int RecordLength(ReadOnlySpan<byte> octets) => (octets[3] << 8) | octets[4];
}
