using System.Globalization;
using SmtpProxy.Sessions.Admitting;
using StackExchange.Redis;

namespace SmtpProxy.Fleet;

/// <summary>The limits for each client, as the fleet counts them in Redis: for each client under a name that only the fleet can make, how
/// many sessions it has at each member, and when all that it took of its rate would be given back (the generic cell rate algorithm). A
/// member says how many there are, not one more or one less, so that nothing that was lost stays wrong for long; after a time without the
/// fleet what it said before is void. Thread-safe.</summary>
internal sealed class FleetLimits(FleetIdentity identity, RedisLink link, FleetState state, Members members) : ICommonLimits
{
    /// <summary>How long a client is remembered after it came or went last.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    private const string Entering = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local others = 0
        local all = redis.call('HGETALL', KEYS[2])
        for i = 1, #all, 2 do
          if all[i] ~= ARGV[1] then
            local seen = redis.call('ZSCORE', KEYS[1], all[i])
            if seen and math.abs(now - seen) < tonumber(ARGV[5]) then
              others = others + all[i + 1]
            else
              redis.call('HDEL', KEYS[2], all[i])
            end
          end
        end
        local most, rate = tonumber(ARGV[3]), tonumber(ARGV[4])
        if most > 0 and others + ARGV[2] > most then
          return 1
        end
        if rate > 0 then
          local taken = tonumber(redis.call('GET', KEYS[3]) or '0')
          if taken > now + 60000 then
            taken = 0 -- Redis' clock was put back.
          end
          local given = math.max(taken, now) + 60000 / rate
          if given - now > 60000 then
            return 2
          end
          redis.call('SET', KEYS[3], string.format('%.3f', given), 'PX', 60000)
        end
        redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
        redis.call('PEXPIRE', KEYS[2], ARGV[6])
        return 0
        """;

    private const string Leaving = """
        if ARGV[2] == '0' then
          redis.call('HDEL', KEYS[1], ARGV[1])
        else
          redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
          redis.call('PEXPIRE', KEYS[1], ARGV[3])
        end
        return 0
        """;

    private const string Telling = """
        for i, key in ipairs(KEYS) do
          redis.call('HSET', key, ARGV[1], ARGV[i + 2])
          redis.call('PEXPIRE', key, ARGV[2])
        end
        return 0
        """;

    private IReadOnlyDictionary<ClientNetwork, int> _here = new Dictionary<ClientNetwork, int>();
    private Lock _telling = new();

    public bool AreHeard => state.IsHeard && link.Answers;

    public int Members => members.Count + members.Strangers;

    public void Count(IReadOnlyDictionary<ClientNetwork, int> here, Lock telling) => (_here, _telling) = (here, telling);

    /// <summary>Tells the others of every client that is here: after a time without the fleet, or when Redis was emptied, they know of
    /// none.</summary>
    /// <returns>Whether all was heard.</returns>
    public async Task<bool> TellAllAsync()
    {
        const int AtOnce = 256;
        foreach (var some in _here.Keys.Chunk(AtOnce))
        {
            Task<RedisAnswer> asking;
            lock (_telling)
            {
                asking = link.AskAsync(FleetUse.Limits, Telling,
                    [.. some.Select(client => identity.Keys.Of("sessions:" + NameOf(client)))],
                    [identity.Counting, (long)Kept.TotalMilliseconds, .. some.Select(c => (RedisValue)_here.GetValueOrDefault(c))]);
            }

            var answer = await asking.ConfigureAwait(false);
            if (answer.Result is null)
            {
                return false;
            }
        }

        return true;
    }

    public async Task<CommonVerdict> EnterAsync(ClientNetwork client, int here, SessionLimits limits)
    {
        var name = NameOf(client);
        var answer = await link.AskAsync(FleetUse.Limits, Entering,
            [identity.Keys.Of("counting"), identity.Keys.Of("sessions:" + name), identity.Keys.Of("rate:" + name)],
            [identity.Counting, here, limits.MaxSessionsPerClient, limits.ConnectionsPerMinutePerClient,
                (long)FleetBeat.Silence.TotalMilliseconds, (long)Kept.TotalMilliseconds]).ConfigureAwait(false);
        return answer.Result is not { } result ? CommonVerdict.Unknown
            : (int)result switch
            {
                0 => CommonVerdict.Admitted,
                1 => CommonVerdict.Sessions,
                _ => CommonVerdict.Rate,
            };
    }

    public void Left(ClientNetwork client, int here)
    {
        if (AreHeard)
        {
            _ = link.AskAsync(FleetUse.Limits, Leaving, [identity.Keys.Of("sessions:" + NameOf(client))],
                [identity.Counting, here, (long)Kept.TotalMilliseconds]);
        }
    }

    private string NameOf(ClientNetwork client) => identity.Key.NameOf(
        string.Create(CultureInfo.InvariantCulture, $"{client.High:x16}{client.Low:x16}"));
}
