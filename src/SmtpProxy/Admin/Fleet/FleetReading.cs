using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SmtpProxy.Admin.Fleet;

/// <summary>How the proxies of a fleet read from each other. None is registered where they do not.</summary>
/// <param name="token">What all of them know. It lets its bearer read what <see cref="Requests.ServedToFleet"/> marks, and no more.</param>
/// <param name="trusted">Who signs the certificates of the others' admin sides; null: whom the system trusts.</param>
/// <param name="timeout">How long an answer may take, the time that a request waits for its turn included.</param>
public sealed class FleetReading(string token, X509Certificate2Collection? trusted, TimeSpan timeout)
{
    /// <summary>The scheme of the token (RFC 9110 11.1): what comes with it is from a member, and is
    /// answered by this proxy alone.</summary>
    public const string Scheme = "Fleet";

    private readonly byte[] _hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Who signs the certificates.</summary>
    public X509Certificate2Collection? Trusted => trusted;

    /// <summary>How long an answer may take.</summary>
    public TimeSpan Timeout => timeout;

    /// <summary>What is sent with each request. It goes into no log and no answer.</summary>
    internal string Token => token;

    /// <summary>Whether this is the token. In constant time: hashes have one length, whatever was sent.</summary>
    internal bool IsToken(string shown) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), _hash);
}
