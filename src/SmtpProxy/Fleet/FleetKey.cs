using System.Security.Cryptography;
using System.Text;

namespace SmtpProxy.Fleet;

/// <summary>What the proxies of a fleet know and Redis does not. With it they encrypt and sign what they keep there, so that who can read
/// Redis learns nothing and who can write to it arms and halts nothing; and make names of clients that nobody else can take back.
/// Thread-safe.</summary>
internal sealed class FleetKey
{
    /// <summary>Characters that the secret has at least.</summary>
    public const int Shortest = 16;

    private const int KeyOctets = 32, NonceOctets = 12, TagOctets = 16;
    private readonly byte[] _seal;
    private readonly byte[] _names;

    /// <summary>Takes the secret of a fleet.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="fleet">The fleet's name: two fleets with one secret understand nothing of each other.</param>
    public FleetKey(string secret, string fleet)
    {
        var material = Encoding.UTF8.GetBytes(secret);
        _seal = HKDF.DeriveKey(HashAlgorithmName.SHA256, material, KeyOctets, info: Encoding.UTF8.GetBytes($"smtpproxy seal {fleet}"));
        _names = HKDF.DeriveKey(HashAlgorithmName.SHA256, material, KeyOctets, info: Encoding.UTF8.GetBytes($"smtpproxy names {fleet}"));
    }

    /// <summary>Encrypts and signs (AES-256-GCM, NIST SP 800-38D): nonce, tag and text.</summary>
    /// <param name="what">What it is; it opens as nothing else.</param>
    /// <param name="text">The text.</param>
    public byte[] Seal(string what, ReadOnlySpan<byte> text)
    {
        var all = new byte[NonceOctets + TagOctets + text.Length];
        RandomNumberGenerator.Fill(all.AsSpan(0, NonceOctets));
        using var cipher = new AesGcm(_seal, TagOctets);
        cipher.Encrypt(all.AsSpan(0, NonceOctets), text, all.AsSpan(NonceOctets + TagOctets), all.AsSpan(NonceOctets, TagOctets),
            Encoding.UTF8.GetBytes(what));
        return all;
    }

    /// <summary>Returns the text; null: nobody of this fleet wrote it, or not as this.</summary>
    public byte[]? Open(string what, ReadOnlySpan<byte> all)
    {
        if (all.Length < NonceOctets + TagOctets)
        {
            return null;
        }

        var text = new byte[all.Length - NonceOctets - TagOctets];
        try
        {
            using var cipher = new AesGcm(_seal, TagOctets);
            cipher.Decrypt(all[..NonceOctets], all[(NonceOctets + TagOctets)..], all.Slice(NonceOctets, TagOctets), text,
                Encoding.UTF8.GetBytes(what));
            return text;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Whether it is long enough to have been sealed by anybody.</summary>
    public static bool MayBeSealed(ReadOnlySpan<byte> all) => all.Length > NonceOctets + TagOctets;

    /// <summary>A name for something that must not stand in Redis in the clear: equal things have equal names (HMAC-SHA256, the first
    /// 16 octets, hexadecimal).</summary>
    public string NameOf(string what)
    {
        const int Octets = 16;
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_names, Encoding.UTF8.GetBytes(what), hash);
        return Convert.ToHexStringLower(hash[..Octets]);
    }
}
