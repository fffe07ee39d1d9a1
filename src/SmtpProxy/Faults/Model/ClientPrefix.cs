using System.Net;

namespace SmtpProxy.Faults.Model;

/// <summary>The part of a client's address that counts.</summary>
internal static class ClientPrefix
{
    /// <summary>The address with all bits after the prefix cleared.</summary>
    public static string Of(IPAddress client, int v4, int v6)
    {
        var octets = client.GetAddressBytes();
        var bits = octets.Length == 4 ? v4 : v6;
        for (var n = 0; n < octets.Length; n++)
        {
            octets[n] &= (byte)(0xFF00 >> Math.Clamp(bits - (8 * n), 0, 8));
        }

        return new IPAddress(octets).ToString();
    }
}
