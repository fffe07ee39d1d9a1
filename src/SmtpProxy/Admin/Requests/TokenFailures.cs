using System.Net;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry;

namespace SmtpProxy.Admin.Requests;

/// <summary>
/// Counts wrong tokens, by address (of IPv6 by /64), and tells the log in <see cref="Interval"/> once. More than
/// <see cref="Most"/> a minute are answered
/// 429. The right token is always taken: guessing at a random one of 16 characters is hopeless at any rate, and whoever could lock an
/// address out would lock out everybody behind the same balancer.
/// </summary>
internal sealed partial class TokenFailures(ITelemetry telemetry, TimeProvider time, ILogger<TokenFailures> log)
{
    /// <summary>Wrong tokens that are answered 401, for each address in a minute.</summary>
    public const int Most = 20;

    private const int MostAddresses = 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10), Window = TimeSpan.FromMinutes(1);
    private readonly Lock _counting = new();
    private readonly Dictionary<IPAddress, (long Since, int Count)> _failures = [];
    private long? _said;
    private int _unsaid;

    /// <summary>A token was wrong.</summary>
    /// <returns>Whether there were too many.</returns>
    public bool Add(IPAddress? client)
    {
        telemetry.LimitHit("admin_token");
        var key = Network(client ?? IPAddress.None);
        lock (_counting)
        {
            if (_failures.Count >= MostAddresses && !_failures.ContainsKey(key))
            {
                _failures.Clear();
            }

            var (since, count) = _failures.TryGetValue(key, out var known) && time.GetElapsedTime(known.Since) < Window
                ? known : (time.GetTimestamp(), 0);
            _failures[key] = (since, count + 1);
            if (_said is { } last && time.GetElapsedTime(last) < Interval)
            {
                _unsaid++;
            }
            else
            {
                LogWrong(client, _unsaid);
                (_said, _unsaid) = (time.GetTimestamp(), 0);
            }

            return count >= Most;
        }
    }

    /// <summary>Refuses a request that has no right to be served.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isWrong">Whether it had a token, and a wrong one.</param>
    public Task RefuseAsync(HttpContext context, bool isWrong = true)
    {
        if (isWrong && Add(context.Connection.RemoteIpAddress))
        {
            context.Response.Headers.RetryAfter = "60";
            return HttpRefusals.AnswerAsync(context, StatusCodes.Status429TooManyRequests, null,
                $"More than {Most} wrong tokens in a minute. Send that of {AdminOptions.Section}:BearerToken.");
        }

        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"smtpproxy\"";
        return HttpRefusals.AnswerAsync(context, StatusCodes.Status401Unauthorized, null,
            $"Send the token of {AdminOptions.Section}:BearerToken as 'Authorization: Bearer …'.");
    }

    private static IPAddress Network(IPAddress address)
    {
        var plain = address.Unmapped();
        if (plain.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return plain;
        }

        var octets = plain.GetAddressBytes();
        octets.AsSpan(8).Clear();
        return new IPAddress(octets);
    }

    [LoggerMessage(EventId = 390, Level = LogLevel.Warning,
        Message = "The admin side was asked with a wrong token from {Client} ({Untold} more since the last such line)")]
    private partial void LogWrong(IPAddress? client, int untold);
}
