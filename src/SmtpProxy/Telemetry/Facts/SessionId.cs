using System.Globalization;
using System.Security.Cryptography;

namespace SmtpProxy.Telemetry.Facts;

/// <summary>A session's name in the journal: 24 hex digits that sort by start. 48 bits of Unix milliseconds, 24 that this process drew when
/// it started, 24 that count its sessions: unique across a site's proxies, without asking the system for
/// randomness at every session.</summary>
internal readonly record struct SessionId(long Milliseconds, int Count)
{
    private const int CountBits = 0xFFFFFF;
    private static readonly int Process = RandomNumberGenerator.GetInt32(CountBits + 1);
    private static int _count = RandomNumberGenerator.GetInt32(CountBits + 1);

    /// <summary>The name of a session that begins at this time.</summary>
    public static SessionId New(DateTimeOffset started) =>
        new(started.ToUnixTimeMilliseconds(), Interlocked.Increment(ref _count) & CountBits);

    /// <summary>The name as 24 hex digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Milliseconds:x12}{Process:x6}{Count:x6}");
}
