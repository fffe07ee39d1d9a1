using System.Globalization;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Configuration.Rules;

/// <summary>Who may use a listener: reads and judges what its options say of that.</summary>
internal static class ListenerAccess
{
    private const int AllPermissions = 0x1FF;
    private static readonly TimeSpan LongestHeader = TimeSpan.FromMinutes(5);

    /// <summary>What is wrong.</summary>
    public static IEnumerable<Problem> Check(string key, ListenerOptions options)
    {
        foreach (var (name, text) in new[]
            { (nameof(options.Allow), options.Allow), (nameof(options.Deny), options.Deny),
                (nameof(options.ProxyProtocolFrom), options.ProxyProtocolFrom), (nameof(options.XClientFrom), options.XClientFrom) })
        {
            if (Networks.TryParse(text, out _) is { } problem)
            {
                yield return Problem.At($"{key}:{name}", problem);
            }
        }

        foreach (var (name, count) in new[]
            { (nameof(options.MaxSessions), options.MaxSessions), (nameof(options.MaxSessionsPerClient), options.MaxSessionsPerClient) })
        {
            if (count < 0)
            {
                yield return Problem.At($"{key}:{name}", $"{count} is negative; write 0 for no cap");
            }
        }

        var isUnix = options.Address.StartsWith("unix:", StringComparison.OrdinalIgnoreCase);
        if (options.SocketMode.Length > 0 && (!isUnix || ModeOf(options) is null))
        {
            yield return Problem.At($"{key}:{nameof(options.SocketMode)}", isUnix
                ? $"'{options.SocketMode}' is not a set of permissions; write octal digits, such as 0660"
                : "means something for unix:/path only; remove it");
        }

        if (options.ProxyProtocol != ProxyProtocolUse.Off && options.ProxyProtocolFrom.Length == 0 && !isUnix)
        {
            yield return Problem.At($"{key}:{nameof(options.ProxyProtocolFrom)}",
                "missing; name the networks whose PROXY headers are believed, such as 10.0.0.0/8: anybody else could claim any address");
        }

        if (options.ProxyProtocolTimeout <= TimeSpan.Zero || options.ProxyProtocolTimeout > LongestHeader)
        {
            yield return Problem.At($"{key}:{nameof(options.ProxyProtocolTimeout)}",
                $"{options.ProxyProtocolTimeout} is not above zero and at most {LongestHeader}; write a time such as 00:00:05");
        }

        if (options.Transparent && (!OperatingSystem.IsLinux() || isUnix
            || options.Address.StartsWith("systemd:", StringComparison.OrdinalIgnoreCase)))
        {
            yield return Problem.At($"{key}:{nameof(options.Transparent)}", OperatingSystem.IsLinux()
                ? "means something for ADDRESS:PORT only; remove it (systemd: Transparent=yes in the socket unit)"
                : "is there on Linux only; remove it");
        }

        if (options.ReusePort && (isUnix || options.Address.StartsWith("systemd:", StringComparison.OrdinalIgnoreCase)
            || !OperatingSystem.IsLinux()))
        {
            yield return Problem.At($"{key}:{nameof(options.ReusePort)}", OperatingSystem.IsLinux()
                ? "means something for ADDRESS:PORT only; remove it (systemd: ReusePort=yes in the socket unit)"
                : "is there on Linux only; remove it");
        }
    }

    /// <summary>The permissions of a Unix-domain socket's file; null where none are given.</summary>
    public static UnixFileMode? ModeOf(ListenerOptions options)
    {
        var digits = options.SocketMode;
        if (digits.Length is < 3 or > 4 || digits.Any(static c => c is < '0' or > '7'))
        {
            return null;
        }

        var mode = digits.Aggregate(0, static (sum, c) => (sum * 8) + int.Parse(c.ToString(), CultureInfo.InvariantCulture));
        return mode <= AllPermissions ? (UnixFileMode)mode : null;
    }

    /// <summary>What sessions are judged by. The options have been checked.</summary>
    public static ListenerPolicy PolicyOf(ListenerOptions options)
    {
        _ = Networks.TryParse(options.Allow, out var allow);
        _ = Networks.TryParse(options.Deny, out var deny);
        _ = Networks.TryParse(options.XClientFrom, out var xclientFrom);
        return new ListenerPolicy(allow, deny, options.MaxSessions, options.MaxSessionsPerClient) { XClientFrom = xclientFrom };
    }
}
