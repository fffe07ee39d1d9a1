using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace SmtpProxy.Admin.Requests;

/// <summary>
/// Browsers that have shown the token: each has a cookie with a random name that is worth nothing but to this process, for
/// <see cref="Lasts"/>. The token itself is in no cookie, no URL and no page. Thread-safe.
/// </summary>
/// <param name="bearer">The token; null: none is asked for.</param>
/// <param name="time">The time.</param>
internal sealed partial class Logins(string? bearer, TimeProvider time)
{
    /// <summary>The cookie.</summary>
    public const string Cookie = "smtpproxy";

    /// <summary>How long one is good for.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromHours(12);

    private const int Most = 256;
    private readonly byte[]? _token = bearer is null ? null : Hash(bearer);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);

    /// <summary>Whether a token is asked for at all.</summary>
    public bool AreNeeded => _token is not null;

    /// <summary>Whether this is the token. In constant time: hashes have one length, whatever was sent.</summary>
    public bool IsToken(string token) => CryptographicOperations.FixedTimeEquals(Hash(token), _token);

    /// <summary>Whether a browser has a login that is still good.</summary>
    public bool IsIn(HttpRequest request) =>
        request.Cookies[Cookie] is { Length: > 0 } name && _until.TryGetValue(NameOf(name), out var until) && time.GetUtcNow() < until;

    /// <summary>Lets a browser in.</summary>
    public void LogIn(HttpContext context)
    {
        var now = time.GetUtcNow();
        foreach (var (old, until) in _until)
        {
            if (until <= now)
            {
                _until.TryRemove(old, out _);
            }
        }

        if (_until.Count >= Most)
        {
            // The one that began first has to log in again.
            _until.TryRemove(_until.MinBy(static login => login.Value).Key, out _);
        }

        var name = RandomNumberGenerator.GetHexString(64, lowercase: true);
        _until[NameOf(name)] = now + Lasts;
        context.Response.Cookies.Append(Cookie, name, Options(context.Request, Lasts));
    }

    /// <summary>Lets it in no more.</summary>
    public void LogOut(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is { } name)
        {
            _until.TryRemove(NameOf(name), out _);
        }

        context.Response.Cookies.Delete(Cookie, Options(context.Request, null));
    }

    /// <summary>Takes the cookie away from a request: it is this server's own, and what a route leads to must not get to see it.</summary>
    public static void Hide(HttpRequest request)
    {
        if (request.Headers.Cookie.Any(static line => Own().IsMatch(line ?? "")))
        {
            string[] theirs = [.. request.Headers.Cookie.Select(static line => Own().Replace(line ?? "", "").TrimStart(';', ',', ' ', '\t'))
                .Where(static line => line.Length > 0)];
            request.Headers.Cookie = theirs.Length == 0 ? default : string.Join("; ", theirs);
        }
    }

    /// <summary>The cookie in a header, with what separates it from the one before. Whoever reads headers here takes a comma for a
    /// separator, too, and any case for the name.</summary>
    [GeneratedRegex(@"(^|[;,])\s*smtpproxy\s*=[^;,]*",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Own();

    private static CookieOptions Options(HttpRequest request, TimeSpan? lasts) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = request.IsHttps,
        Path = "/",
        MaxAge = lasts,
        IsEssential = true,
    };

    /// <summary>What is looked up is a hash, so that how long it takes tells nothing of the names there are.</summary>
    private static string NameOf(string cookie) => Convert.ToHexString(Hash(cookie));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
