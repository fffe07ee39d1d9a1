using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using SmtpProxy.Files;

namespace SmtpProxy.Fleet;

/// <summary>What several proxies have in common, by way of a Redis (<c>SmtpProxy:Fleet</c>). Off unless <see cref="Redis"/> is set. Read at
/// start.</summary>
public sealed partial class FleetOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SmtpProxy:Fleet";

    private const int StandardPort = 6379;

    /// <summary>A limit beyond which a halt could take two seconds, and one below which no Redis would answer in time.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(1), ShortestTimeout = TimeSpan.FromMilliseconds(10);

    /// <summary>Where Redis is: <c>host:port</c>, several of the same one (a primary and its replicas) with
    /// commas. Empty: no fleet.</summary>
    public string? Redis { get; set; }

    /// <summary>The fleet's name: proxies with the same name on the same Redis are one fleet.</summary>
    public string Name { get; set; } = "smtpproxy";

    /// <summary>This proxy's name in it; empty: the machine's.</summary>
    public string? Node { get; set; }

    /// <summary>What every key begins with, before the fleet's name.</summary>
    public string KeyPrefix { get; set; } = "smtpproxy";

    /// <summary>A file with what all proxies of the fleet know and Redis does not, at least 16 characters. What is kept in Redis is
    /// encrypted and signed with it.</summary>
    public string? KeyFile { get; set; }

    /// <summary>Whether Redis is spoken to with TLS.</summary>
    public bool Tls { get; set; }

    /// <summary>A PEM file with who signs Redis' certificate; empty: whom the system trusts.</summary>
    public string? TlsCa { get; set; }

    /// <summary>Redis' name in its certificate; empty: the host of <see cref="Redis"/>.</summary>
    public string? TlsName { get; set; }

    /// <summary>The user of Redis; empty: its default user.</summary>
    public string? User { get; set; }

    /// <summary>A file with the password; empty: none.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>How long Redis may take to answer before the proxy goes on without it (half a second).</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Where the others reach this proxy's admin side, such as <c>http://192.0.2.1:9025</c>; empty: they are not told.</summary>
    public string? AdminUrl { get; set; }

    /// <summary>A PEM file with who signs the certificates of the members' admin sides; empty: whom the system trusts.</summary>
    public string? AdminCa { get; set; }

    /// <summary>A file with the token by which members read from each other, at least 16 characters; empty: they do not.</summary>
    public string? TokenFile { get; set; }

    /// <summary>How long another member may take to answer (two seconds).</summary>
    public TimeSpan AskTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether there is a fleet.</summary>
    internal bool IsOn => !string.IsNullOrWhiteSpace(Redis);

    /// <summary>This proxy's name.</summary>
    internal string NodeName => string.IsNullOrWhiteSpace(Node) ? Environment.MachineName : Node;

    /// <summary>Where Redis is, taken apart.</summary>
    internal IReadOnlyList<EndPoint> GetEndPoints() => [.. Places.Select(static place => Parse(place)).OfType<EndPoint>()];

    private string[] Places => Redis?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>What is wrong, each with the key's full path and the remedy.</summary>
    public IEnumerable<string> Validate()
    {
        if (!IsOn)
        {
            yield break;
        }

        foreach (var place in Places.Where(static place => Parse(place) is null))
        {
            yield return place.Contains('@', StringComparison.Ordinal) || place.Contains('=', StringComparison.Ordinal)
                || place.Contains("//", StringComparison.Ordinal)
                ? $"{Section}:{nameof(Redis)}: takes nothing but host:port; write the user as {Section}:{nameof(User)}, the password's "
                    + $"file as {Section}:{nameof(PasswordFile)}, and {Section}:{nameof(Tls)}=true for TLS"
                : $"{Section}:{nameof(Redis)}: \"{place}\" is not host:port; write such as redis.example:{StandardPort}";
        }

        foreach (var (key, name) in new[] { (nameof(Name), Name), (nameof(KeyPrefix), KeyPrefix), (nameof(Node), NodeName) })
        {
            if (!IsName(name))
            {
                yield return $"{Section}:{key}: \"{name}\" is no name; write letters, digits, dots, hyphens and underscores, at most 64";
            }
        }

        if (Timeout < ShortestTimeout || Timeout > LongestTimeout)
        {
            yield return $"{Section}:{nameof(Timeout)}: {Timeout} is not from 00:00:00.010 to 00:00:01; write such as 00:00:00.500. A "
                + "halt must reach every proxy within two seconds";
        }

        foreach (var problem in Files().Concat(FleetReadingRules.Of(this)))
        {
            yield return problem;
        }
    }

    /// <summary>Whether proxies, fleets and keys may be called this.</summary>
    internal static bool IsName(string? name) => name is not null && FleetName().IsMatch(name);

    /// <summary>The text of a file without the end of its last line; null: it cannot be read.</summary>
    internal static string? Secret(string? path) => Secret(path, WholeFile.Patience);

    /// <summary>The same, where nobody may be waited for: sessions ask.</summary>
    internal static string? Secret(string? path, TimeSpan patience)
    {
        try
        {
            return string.IsNullOrWhiteSpace(path) ? null : WholeFile.Text(path, patience).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>What is wrong with the file of the password now; null: nothing.</summary>
    internal string? UnreadPassword(TimeSpan patience) =>
        string.IsNullOrWhiteSpace(PasswordFile) || Secret(PasswordFile, patience) is { Length: > 0 } ? null
        : $"{Section}:{nameof(PasswordFile)}: {PasswordFile} cannot be read or is empty; write the path of a file that the "
            + "proxy may read, or leave it out where Redis asks for no password";

    private IEnumerable<string> Files()
    {
        if (Secret(KeyFile) is not { } key)
        {
            yield return string.IsNullOrWhiteSpace(KeyFile)
                ? $"{Section}:{nameof(KeyFile)}: missing; make a key with \"openssl rand -hex 32\", give every proxy of the fleet the " +
                    $"file, "
                    + "and write its path"
                : $"{Section}:{nameof(KeyFile)}: {KeyFile} cannot be read; write the path of a file that the proxy may read";
        }
        else if (key.Length < FleetKey.Shortest)
        {
            yield return $"{Section}:{nameof(KeyFile)}: {KeyFile} holds fewer than {FleetKey.Shortest} characters; make a key with "
                + "\"openssl rand -hex 32\"";
        }

        if (UnreadPassword(WholeFile.Patience) is { } unread)
        {
            yield return unread;
        }

        foreach (var (name, value) in new[] { (nameof(TlsCa), TlsCa), (nameof(TlsName), TlsName) })
        {
            if (!Tls && !string.IsNullOrWhiteSpace(value))
            {
                yield return $"{Section}:{name}: means something with TLS only; write {Section}:{nameof(Tls)}=true, or remove it";
            }
        }

        if (Tls && !string.IsNullOrWhiteSpace(TlsCa) && Secret(TlsCa)?.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal)
            != true)
        {
            yield return $"{Section}:{nameof(TlsCa)}: {TlsCa} is no PEM file with a certificate that can be read";
        }
    }

    private static EndPoint? Parse(string place)
    {
        var colon = place.LastIndexOf(':');
        var (host, port) = colon < 0 || place.EndsWith(']') ? (place, StandardPort)
            : (place[..colon], int.TryParse(place[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number : 0);
        host = host.Trim('[', ']');
        return port is < 1 or > 65535 ? null
            : IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, port)
            : Uri.CheckHostName(host) == UriHostNameType.Dns ? new DnsEndPoint(host, port)
            : null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex FleetName();
}
