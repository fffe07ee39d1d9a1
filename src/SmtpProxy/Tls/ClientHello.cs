namespace SmtpProxy.Tls;

/// <summary>What a client says in the clear when it begins TLS (RFC 8446, section 4.1.2).</summary>
/// <param name="ServerName">The server that it wants (RFC 6066, section 3), lower case; null: it names
/// none, or none that is a name.</param>
/// <param name="Versions">The versions that it offers, as it prefers them: <c>1.3</c>, <c>1.2</c>; without
/// the extension, the highest.</param>
/// <param name="Protocols">The protocols that it offers (ALPN, RFC 7301); those that have the form of a
/// name, and not more than eight.</param>
/// <param name="Ciphers">How many cipher suites it offers, without reserved ones (RFC 8701).</param>
public sealed record ClientHello(string? ServerName, IReadOnlyList<string> Versions, IReadOnlyList<string> Protocols, int Ciphers)
{
    private const ushort ServerNameExtension = 0;
    private const ushort ProtocolsExtension = 16;
    private const ushort VersionsExtension = 43;
    private const int Random = 32;
    private const int MostProtocols = 8;
    private const int LongestName = 255;

    /// <summary>Reads the body of a handshake message. Never throws.</summary>
    /// <returns>Null: it is none.</returns>
    public static ClientHello? Parse(ReadOnlySpan<byte> body)
    {
        var octets = new OctetReader(body);
        var version = octets.Short();
        octets.Skip(Random);
        octets.Block(octets.Byte());
        var suites = octets.Block(octets.Short());
        octets.Block(octets.Byte());
        if (octets.Failed || suites.Length % 2 != 0)
        {
            return null;
        }

        var (name, versions, protocols) = ((string?)null, (IReadOnlyList<string>)[NameOf(version)], (IReadOnlyList<string>)[]);
        var extensions = new OctetReader(octets.IsEmpty ? default : octets.Block(octets.Short()));
        while (!extensions.IsEmpty)
        {
            var kind = extensions.Short();
            var content = extensions.Block(extensions.Short());
            if (extensions.Failed)
            {
                return null;
            }

            switch (kind)
            {
                case ServerNameExtension:
                    name = ServerNameIn(content);
                    break;
                case ProtocolsExtension:
                    protocols = ProtocolsIn(content);
                    break;
                case VersionsExtension:
                    versions = VersionsIn(content);
                    break;
            }
        }

        return octets.Failed ? null : new ClientHello(name, versions, protocols, Count(suites));
    }

    private static string? ServerNameIn(ReadOnlySpan<byte> content)
    {
        var list = new OctetReader(content);
        var names = new OctetReader(list.Block(list.Short()));
        while (!names.IsEmpty)
        {
            var kind = names.Byte();
            var name = names.Block(names.Short());
            if (kind == 0 && !names.Failed)
            {
                return name.Length is > 0 and <= LongestName && IsName(name)
                    ? System.Text.Encoding.ASCII.GetString(name).ToLowerInvariant() : null;
            }
        }

        return null;
    }

    private static List<string> ProtocolsIn(ReadOnlySpan<byte> content)
    {
        var list = new OctetReader(content);
        var names = new OctetReader(list.Block(list.Short()));
        var all = new List<string>();
        while (!names.IsEmpty && all.Count < MostProtocols)
        {
            var name = names.Block(names.Byte());
            if (!names.Failed && !IsReserved(name) && name.Length > 0 && IsProtocol(name))
            {
                all.Add(System.Text.Encoding.ASCII.GetString(name));
            }
        }

        return all;
    }

    private static List<string> VersionsIn(ReadOnlySpan<byte> content)
    {
        var list = new OctetReader(content);
        var versions = new OctetReader(list.Block(list.Byte()));
        var all = new List<string>();
        while (!versions.IsEmpty)
        {
            var version = versions.Short();
            if (!versions.Failed && !IsReserved(version) && NameOf(version) is var name && !all.Contains(name))
            {
                all.Add(name);
            }
        }

        return all;
    }

    private static int Count(ReadOnlySpan<byte> suites)
    {
        var count = 0;
        for (var n = 0; n < suites.Length; n += 2)
        {
            count += IsReserved(suites.Slice(n, 2)) ? 0 : 1;
        }

        return count;
    }

    /// <summary>A name as they are registered (h2, http/1.1, smtp): it is the client's word, and is shown.</summary>
    private static bool IsProtocol(ReadOnlySpan<byte> name)
    {
        foreach (var octet in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet is not ((byte)'.' or (byte)'-' or (byte)'_' or (byte)'/'))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (var octet in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet is not ((byte)'.' or (byte)'-' or (byte)'_'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Values that mean nothing and are there to be ignored (GREASE, RFC 8701).</summary>
    private static bool IsReserved(int value) => (value & 0x0F0F) == 0x0A0A && value >> 8 == (value & 0xFF);

    private static bool IsReserved(ReadOnlySpan<byte> value) => value.Length == 2 && IsReserved((value[0] << 8) | value[1]);

    /// <summary>A closed set: it is the client's word.</summary>
    private static string NameOf(int version) => version switch
    {
        0x0304 => "1.3",
        0x0303 => "1.2",
        0x0302 => "1.1",
        0x0301 => "1.0",
        0x0300 => "ssl3",
        _ => "other",
    };
}
