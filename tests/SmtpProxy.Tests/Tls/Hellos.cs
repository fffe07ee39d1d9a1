using System.Net.Security;
using System.Security.Authentication;

namespace SmtpProxy.Tests.Tls;

/// <summary>First words of real clients.</summary>
internal static class Hellos
{
    /// <summary><c>openssl s_client -servername MX.example.org -alpn smtp,h2</c>, OpenSSL 3.0.</summary>
    public static byte[] OpenSsl => Convert.FromBase64String(
        "FgMBAUkBAAFFAwNqN1YcgDp/+V8a1lyUeOTh+MRTCvjHqGK3mesKEnAHlSAexcQQ/RrROgf0ahZpwuuNMIdMosz2ZP2Z/v6pyGNBGgA+EwITAx" +
        "MBwCzAMACfzKnMqMyqwCvALwCewCTAKABrwCPAJwBnwArAFAA5wAnAEwAzAJ0AnAA9ADwANQAvAP8BAAC+AAAAEwARAAAOTVguZXhhbXBsZS5v" +
        "cmcACwAEAwABAgAKABYAFAAdABcAHgAZABgBAAEBAQIBAwEEACMAAAAQAAoACARzbXRwAmgyABYAAAAXAAAADQAqACgEAwUDBgMIBwgICAkICg" +
        "gLCAQIBQgGBAEFAQYBAwMDAQMCBAIFAgYCACsACQgDBAMDAwIDAQAtAAIBAQAzACYAJAAdACB3G4CoeJW81Liw+4a7MUsqOwkBro80zjYRw545" +
        "AG25Gg==");

    /// <summary>The same with <c>-tls1_2</c>.</summary>
    public static byte[] OpenSslTls12 => Convert.FromBase64String(
        "FgMBANwBAADYAwOT5Ix4a5SahJ7U1BVvmWVeZ+K/c8JQvBPEQQ1TFXrcAQAAOMAswDAAn8ypzKjMqsArwC8AnsAkwCgAa8AjwCcAZ8AKwBQAOc" +
        "AJwBMAMwCdAJwAPQA8ADUALwD/AQAAdwAAABMAEQAADk1YLmV4YW1wbGUub3JnAAsABAMAAQIACgAMAAoAHQAXAB4AGQAYACMAAAAQAAoACARz" +
        "bXRwAmgyABYAAAAXAAAADQAqACgEAwUDBgMIBwgICAkICggLCAQIBQgGBAEFAQYBAwMDAQMCBAIFAgYC");

    /// <summary>What this platform's own client says.</summary>
    public static byte[] SslStream(string name, SslProtocols versions, params string[] protocols)
    {
        using var written = new Deaf();
        using var stream = new SslStream(written);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = name,
            EnabledSslProtocols = versions,
            ApplicationProtocols = [.. protocols.Select(static p => new SslApplicationProtocol(p))],
        };
        Assert.ThrowsAny<Exception>(() => stream.AuthenticateAsClient(options));
        return written.ToArray();
    }

    /// <summary>The same message in records of so many octets.</summary>
    public static byte[] InRecordsOf(byte[] hello, int size)
    {
        var message = hello.AsSpan(5).ToArray();
        return [.. message.Chunk(size).SelectMany(piece => (byte[])[0x16, 3, 1, (byte)(piece.Length >> 8), (byte)piece.Length, .. piece])];
    }

    /// <summary>Takes everything and says nothing.</summary>
    private sealed class Deaf : MemoryStream
    {
        public override int Read(Span<byte> buffer) => 0;

        public override int Read(byte[] buffer, int offset, int count) => 0;
    }
}
