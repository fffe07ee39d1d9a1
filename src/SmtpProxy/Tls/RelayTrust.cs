using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmtpProxy.Tls;

/// <summary>What makes a relay's certificate a good one. Immutable; thread-safe.</summary>
public sealed class RelayTrust
{
    private readonly AuthorityFile? _authorities;
    private readonly FrozenSet<string> _pins;

    private RelayTrust(bool verifies, AuthorityFile? authorities, IEnumerable<string> pins)
    {
        Verifies = verifies;
        _authorities = authorities;
        _pins = pins.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>An authority that the system trusts has signed it, and it is for the relay's name.</summary>
    public static RelayTrust System { get; } = new(true, null, []);

    /// <summary>Every certificate is.</summary>
    public static RelayTrust Anything { get; } = new(false, null, []);

    /// <summary>Whether anything is looked at.</summary>
    public bool Verifies { get; }

    /// <summary>Whether the certificate itself is known, and nobody has to vouch for it.</summary>
    public bool IsPinned => _pins.Count > 0;

    /// <summary>An authority in this PEM file has signed it, and no other; the file is read again when it changes.</summary>
    public static RelayTrust Authorities(string path) => new(true, AuthorityFile.Of(path), []);

    /// <summary>It is one of these, whoever signed it and whatever name it is for: SHA-256 fingerprints,
    /// hexadecimal, colons allowed.</summary>
    public static RelayTrust Fingerprints(IEnumerable<string> pins) => new(true, null, pins.Select(Plain));

    /// <summary>What is wrong with a file of authorities; null when nothing is.</summary>
    public static string? Problem(string path) => AuthorityFile.TryLoad(path, out _);

    /// <summary>Whether a text is a SHA-256 fingerprint.</summary>
    public static bool IsFingerprint(string text)
    {
        var plain = Plain(text);
        return plain.Length == 64 && plain.All(char.IsAsciiHexDigit);
    }

    internal bool IsPin(X509Certificate2 certificate) => _pins.Contains(certificate.GetCertHashString(HashAlgorithmName.SHA256));

    /// <summary>How its chain is built.</summary>
    internal X509ChainPolicy Policy() => ChainPolicies.For(_authorities);

    private static string Plain(string pin)
    {
        var text = pin.Trim();
        return (text.StartsWith("sha256:", StringComparison.OrdinalIgnoreCase) ? text[7..] : text)
            .Replace(":", "", StringComparison.Ordinal);
    }
}
