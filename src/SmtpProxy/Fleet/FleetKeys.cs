using StackExchange.Redis;

namespace SmtpProxy.Fleet;

/// <summary>The names of what a fleet keeps in Redis. They begin with prefix and fleet; what follows the braces lies in one place of a
/// cluster, so that a script may use several.</summary>
internal sealed class FleetKeys(string prefix, string fleet)
{
    /// <summary>With what all of them begin.</summary>
    public string Begin { get; } = $"{prefix}:{{{fleet}}}:";

    /// <summary>When each member was last heard of (sorted set, milliseconds of Redis' clock).</summary>
    public RedisKey Seen => Begin + "seen";

    /// <summary>What each member says of itself (hash).</summary>
    public RedisKey Members => Begin + "members";

    /// <summary>The channel on which a member says that there is something to read.</summary>
    public RedisChannel Look => RedisChannel.Literal(Begin + "look");

    /// <summary>Something else of the fleet.</summary>
    public RedisKey Of(string what) => Begin + what;
}
