using System.Net;
using SmtpProxy.Tls;
using SmtpProxy.Transport.ProxyProtocol;
using Yarp.ReverseProxy.Model;

namespace SmtpProxy.Upstreams.Relays;

/// <summary>What a relay speaks.</summary>
internal enum RelayProtocol
{
    /// <summary>SMTP (RFC 5321).</summary>
    Smtp,

    /// <summary>LMTP (RFC 2033).</summary>
    Lmtp,
}

/// <summary>What YARP has no settings for is written in the <c>Metadata</c> of a cluster, or of a destination, which wins.</summary>
internal static class RelayMetadata
{
    /// <summary>All keys that are ours begin like this; those that begin so and are not known are refused.</summary>
    public const string Prefix = "Smtp.";

    /// <summary>Of a destination: sessions go there only while no other relay is available.</summary>
    public const string Backup = "Smtp.Backup";

    /// <summary>How far a probe's dialogue goes: a <see cref="ProbeDepth"/>.</summary>
    public const string Probe = "Smtp.Probe";

    /// <summary>What a relay speaks: a <see cref="RelayProtocol"/>. Clients and relay agree on it by themselves; the proxy must know where
    /// it says EHLO, or LHLO, itself: in probes, before STARTTLS and before XCLIENT.</summary>
    public const string Protocol = "Smtp.Protocol";

    /// <summary>Whether a relay is asked after the start what it offers.</summary>
    public const string AskAtStart = "Smtp.AskAtStart";

    /// <summary>What the proxy calls itself where it says EHLO: in probes, and before XCLIENT.</summary>
    public const string Name = "Smtp.Name";

    /// <summary>The PROXY header that a relay gets: a <see cref="ProxyVersion"/>.</summary>
    public const string Proxy = "Smtp.ProxyProtocol";

    /// <summary>Whether a relay that offers XCLIENT is told the client by it.</summary>
    public const string XClient = "Smtp.XClient";

    /// <summary>Whether a relay is connected to from the client's address.</summary>
    public const string Transparent = "Smtp.Transparent";

    /// <summary>How TLS is spoken to a relay: a <see cref="RelayTlsMode"/>.</summary>
    public const string Tls = "Smtp.Tls";

    /// <summary>Whether a relay's certificate is looked at: a <see cref="TlsVerification"/>.</summary>
    public const string TlsVerify = "Smtp.TlsVerify";

    /// <summary>A PEM file of the authorities that its certificate must come from.</summary>
    public const string TlsCa = "Smtp.TlsCa";

    /// <summary>SHA-256 fingerprints of the certificates that it may have, separated by commas.</summary>
    public const string TlsPins = "Smtp.TlsPins";

    /// <summary>The name that its certificate is for, where that is not the name in its address.</summary>
    public const string TlsServerName = "Smtp.TlsServerName";

    /// <summary>The lowest version of TLS: a <see cref="TlsVersion"/>.</summary>
    public const string TlsMinimumVersion = "Smtp.TlsMinimumVersion";

    private static readonly string HostName = Dns.GetHostName();

    /// <summary>Which keys there are, what each may be, and what to write instead of anything else.</summary>
    private static readonly Dictionary<string, (Func<string, bool> IsRight, string Remedy)> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        [Backup] = (static text => bool.TryParse(text, out _), "is neither true nor false"),
        [AskAtStart] = (static text => bool.TryParse(text, out _), "is neither true nor false"),
        [Probe] = (IsOneOf<ProbeDepth>, $"is not one of {string.Join(", ", Enum.GetNames<ProbeDepth>())}"),
        [Protocol] = (IsOneOf<RelayProtocol>, $"is not one of {string.Join(", ", Enum.GetNames<RelayProtocol>())}"),
        [Proxy] = (IsOneOf<ProxyVersion>, $"is not one of {string.Join(", ", Enum.GetNames<ProxyVersion>())}"),
        [XClient] = (static text => bool.TryParse(text, out _), "is neither true nor false"),
        [Transparent] = (static text => bool.TryParse(text, out var on) && (!on || OperatingSystem.IsLinux()),
            "is neither true (Linux only) nor false"),
        [Tls] = (IsOneOf<RelayTlsMode>, $"is not one of {string.Join(", ", Enum.GetNames<RelayTlsMode>())}"),
        [TlsVerify] = (IsOneOf<TlsVerification>, $"is not one of {string.Join(", ", Enum.GetNames<TlsVerification>())}"),
        [TlsCa] = (static path => RelayTrust.Problem(path) is null,
            "is no PEM file with certificates that can be read; write the file of the authority that signed the relay's certificate"),
        [TlsPins] = (static pins => pins.Split(',').All(RelayTrust.IsFingerprint),
            "is no list of SHA-256 fingerprints; write 64 hexadecimal digits each, with commas between (openssl x509 -fingerprint " +
                "-sha256)"),
        [TlsServerName] = (IsDomain, "is no name of a server; write the one that the relay's certificate is for, such as mx.example.org"),
        [TlsMinimumVersion] = (IsOneOf<TlsVersion>, $"is not one of {string.Join(", ", Enum.GetNames<TlsVersion>())}"),
        [Name] = (IsDomain, "is no name for EHLO; write this machine's, such as proxy.example.org"),
    };

    /// <summary>What is wrong in a <c>Metadata</c> section.</summary>
    /// <param name="metadata">The section.</param>
    /// <param name="hint">Ends a sentence that refuses a name.</param>
    public static IEnumerable<string> Check(IConfigurationSection metadata, Func<string, IReadOnlyCollection<string>, string> hint)
    {
        foreach (var entry in metadata.GetChildren().Where(static e => e.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)))
        {
            if (!Known.TryGetValue(entry.Key, out var rule))
            {
                yield return $"{entry.Path} is not a known setting; {hint(entry.Key, Known.Keys)}";
            }
            else if (!rule.IsRight(entry.Value ?? ""))
            {
                yield return $"{entry.Path}: \"{entry.Value}\" {rule.Remedy}";
            }
        }

        if (metadata.Key.Length > 0 && metadata.GetSection(Backup).Exists()
            && !metadata.Path.Contains(":Destinations:", StringComparison.OrdinalIgnoreCase))
        {
            yield return $"{metadata.Path}:{Backup}: is a setting of one relay; write it in the Metadata of a destination";
        }
    }

    /// <summary>What a relay's metadata says, or else its cluster's; null where neither says anything.</summary>
    public static string? Of(ClusterState cluster, DestinationState destination, string key) =>
        Value(destination.Model.Config.Metadata, key) ?? Value(cluster.Model.Config.Metadata, key);

    /// <summary>What the proxy calls itself towards a relay.</summary>
    public static string NameFor(ClusterState cluster, DestinationState destination) => Of(cluster, destination, Name) ?? HostName;

    /// <summary>A value of an enumeration; its default where nothing is said.</summary>
    public static TEnum Of<TEnum>(ClusterState cluster, DestinationState destination, string key, TEnum otherwise)
        where TEnum : struct, Enum =>
            Enum.TryParse<TEnum>(Of(cluster, destination, key), ignoreCase: true, out var value) ? value : otherwise;

    /// <summary>Whether it is said and true.</summary>
    public static bool IsTrue(ClusterState cluster, DestinationState destination, string key) =>
        bool.TryParse(Of(cluster, destination, key), out var value) && value;

    /// <summary>YARP's dictionaries do not tell the case of keys apart.</summary>
    private static string? Value(IReadOnlyDictionary<string, string>? metadata, string key) =>
        metadata is not null && metadata.TryGetValue(key, out var value) ? value : null;

    private static bool IsOneOf<TEnum>(string text)
        where TEnum : struct, Enum => Enum.GetNames<TEnum>().Contains(text, StringComparer.OrdinalIgnoreCase);

    private static bool IsDomain(string text) =>
        text.Length is > 0 and < 256 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '[' or ']' or ':');
}
