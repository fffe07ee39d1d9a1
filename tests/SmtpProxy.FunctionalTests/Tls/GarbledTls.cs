using System.Net.Sockets;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>
/// Handshakes of TLS 1.2, spoken by hand up to a certificate that no library would send. (RFC 5246, 7.4; with TLS 1.3 it would come
/// encrypted, and is read by the same code.)
/// </summary>
internal static class GarbledTls
{
    /// <summary>Certificates that are none, as a whole Certificate message: what is wrong, its octets.</summary>
    public static readonly IReadOnlyDictionary<string, byte[]> Certificates = new Dictionary<string, byte[]>(StringComparer.Ordinal)
    {
        ["no DER"] = Message(11, Counted(Counted("this is not a certificate"u8.ToArray()))),
        ["DER of nothing"] = Message(11, Counted(Counted([0x30, 0x00]))),
        ["DER longer than it is"] = Message(11, Counted(Counted([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x30]))),
        ["an empty one"] = Message(11, Counted(Counted([]))),
        ["a list longer than the message"] = Message(11, [0x00, 0xff, 0xff, 0x00, 0x00, 0x02, 0x30, 0x00]),
        ["one longer than the list"] = Message(11, [0x00, 0x00, 0x05, 0x00, 0xff, 0xff, 0x30, 0x00]),
    };

    /// <summary>Says hello, waits until the server has asked for a certificate, shows this one, and reads to the end.</summary>
    public static async Task ShowServerAsync(Stream server, byte[] certificate)
    {
        byte[] hello =
        [
            3, 3, .. new byte[32], 0, // version, random, no session
            0, 4, 0xc0, 0x2b, 0xc0, 0x2f, 1, 0, // ECDHE with ECDSA and with RSA; no compression
            0, 27,
            0xff, 0x01, 0, 1, 0, // renegotiation_info
            0, 10, 0, 4, 0, 2, 0, 0x17, // supported_groups: secp256r1
            0, 13, 0, 10, 0, 8, 4, 3, 4, 1, 8, 4, 5, 1, // signature_algorithms
        ];
        await server.WriteAsync(Record(Message(1, hello)));
        await ReadUntilAsync(server, 14);
        await server.WriteAsync(Record(certificate));
        await ToTheEndAsync(server);
    }

    /// <summary>Answers a client's hello, shows it this certificate, and reads to the end.</summary>
    public static async Task ShowClientAsync(Stream client, byte[] certificate)
    {
        await ReadUntilAsync(client, 1);
        byte[] hello = [3, 3, .. new byte[32], 0, 0xc0, 0x2f, 0, 0, 5, 0xff, 0x01, 0, 1, 0];
        await client.WriteAsync(Record([.. Message(2, hello), .. certificate]));
        await ToTheEndAsync(client);
    }

    private static byte[] Record(byte[] messages) => [0x16, 3, 3, (byte)(messages.Length >> 8), (byte)messages.Length, .. messages];

    private static byte[] Message(byte type, byte[] body) => [type, .. Counted(body)];

    private static byte[] Counted(byte[] body) => [0, (byte)(body.Length >> 8), (byte)body.Length, .. body];

    /// <summary>Reads records until a handshake message of this type has come whole.</summary>
    private static async Task ReadUntilAsync(Stream stream, byte type)
    {
        List<byte> messages = [];
        var header = new byte[5];
        while (true)
        {
            await stream.ReadExactlyAsync(header);
            Assert.Equal(0x16, header[0]);
            var body = new byte[(header[3] << 8) | header[4]];
            await stream.ReadExactlyAsync(body);
            messages.AddRange(body);
            for (var at = 0; at + 4 <= messages.Count;)
            {
                var next = at + 4 + ((messages[at + 1] << 16) | (messages[at + 2] << 8) | messages[at + 3]);
                if (messages[at] == type && next <= messages.Count)
                {
                    return;
                }

                at = next;
            }
        }
    }

    private static async Task ToTheEndAsync(Stream stream)
    {
        try
        {
            await stream.CopyToAsync(Stream.Null);
        }
        catch (IOException e) when (e.InnerException is SocketException)
        {
            // A reset: as much of an end.
        }
    }
}
