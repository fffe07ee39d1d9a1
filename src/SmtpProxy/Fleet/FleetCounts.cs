using SmtpProxy.Faults.Shared;
using StackExchange.Redis;

namespace SmtpProxy.Fleet;

/// <summary>What the fleet counts of faults, in Redis alone: nothing is taken ahead, so that "the first five" are five, and the first.
/// Each answer comes within the limit of time of the link, or is "nobody can say". All of it belongs to an era of Redis: of a Redis that
/// was emptied nothing is believed that began before. Thread-safe.</summary>
internal sealed class FleetCounts(FleetIdentity identity, RedisLink link)
{
    /// <summary>Keys of one rule's occasions or attempts; beyond it they are forgotten all at once, as in one proxy.</summary>
    private const int MostKeys = 100_000;

    private const string Era = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then
          return -1
        end

        """;

    private const string Bounded = """
        if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 0 and redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4]) then
          redis.call('DEL', KEYS[2])
        end

        """;

    private const string Occasion = Era + Bounded + """
        local n = redis.call('HINCRBY', KEYS[2], ARGV[2], 1)
        redis.call('PEXPIRE', KEYS[2], ARGV[3])
        return n
        """;

    private const string Attempt = Era + Bounded + """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local first, n = now, 1
        local known = redis.call('HGET', KEYS[2], ARGV[2])
        if known then
          local since, before = string.match(known, '(%d+) (%d+)')
          if now - since <= tonumber(ARGV[3]) then
            first, n = tonumber(since), before + 1
          end
        end
        redis.call('HSET', KEYS[2], ARGV[2], string.format('%d %d', first, n))
        redis.call('PEXPIRE', KEYS[2], ARGV[3])
        return {n, now - first}
        """;

    /// <summary>Of the last minute and the last five, what was counted in each second. The second in which a span begins counts whole:
    /// rather one too few.</summary>
    private const string Take = Era + """
        local n = tonumber(redis.call('HGET', KEYS[2], 'n') or '0')
        if ARGV[2] ~= '' and n >= tonumber(ARGV[2]) then
          return 0
        end
        local now = tonumber(redis.call('TIME')[1])
        local function recent(key, since)
          local sum, all = 0, redis.call('HGETALL', key)
          for i = 1, #all, 2 do
            if tonumber(all[i]) < since then
              redis.call('HDEL', key, all[i])
            else
              sum = sum + all[i + 1]
            end
          end
          return sum
        end
        if ARGV[3] ~= '' and recent(KEYS[3], now - 60) >= tonumber(ARGV[3]) then
          return 0
        end
        if ARGV[4] ~= '' and ARGV[5] == '1' and recent(KEYS[4], now - 300) + 1 > tonumber(ARGV[4]) then
          return 0
        end
        redis.call('HINCRBY', KEYS[2], 'n', 1)
        redis.call('PEXPIRE', KEYS[2], ARGV[6])
        if ARGV[3] ~= '' then
          redis.call('HINCRBY', KEYS[3], now, 1)
          redis.call('PEXPIRE', KEYS[3], 120000)
        end
        if ARGV[4] ~= '' and ARGV[5] == '1' then
          redis.call('HINCRBY', KEYS[4], now, 1)
          redis.call('PEXPIRE', KEYS[4], 600000)
        end
        return n + 1
        """;

    /// <inheritdoc cref="IFaultFleet.OccasionAsync"/>
    public async Task<long?> OccasionAsync(CommonCounter counter, string scope)
    {
        var answer = await link.AskAsync(FleetUse.Budget, Occasion, [EraKey, Key(counter, "occasions")],
            [counter.Era, identity.Key.NameOf(scope), Milliseconds(counter.Kept), MostKeys]).ConfigureAwait(false);
        return Number(answer);
    }

    /// <inheritdoc cref="IFaultFleet.TakeAsync"/>
    public async Task<long?> TakeAsync(CommonCounter counter, CommonBudget budget, bool isNewSession)
    {
        var answer = await link.AskAsync(FleetUse.Budget, Take,
            [EraKey, Key(counter, "injections"), Key(counter, "minute"), Key(counter, "affected")],
            [counter.Era, budget.Injections ?? RedisValue.EmptyString, budget.PerMinute ?? RedisValue.EmptyString,
                budget.Affected ?? RedisValue.EmptyString, isNewSession ? 1 : 0, Milliseconds(counter.Kept)]).ConfigureAwait(false);
        return Number(answer);
    }

    /// <inheritdoc cref="IFaultFleet.AttemptAsync"/>
    public async Task<(long Attempts, TimeSpan Age)?> AttemptAsync(CommonCounter counter, string key, TimeSpan window)
    {
        var answer = await link.AskAsync(FleetUse.Greylist, Attempt, [EraKey, Key(counter, "attempts")],
            [counter.Era, identity.Key.NameOf(key), Milliseconds(window), MostKeys]).ConfigureAwait(false);
        return answer.Result is { Length: 2 } result && (RedisResult[]?)result is [var attempts, var age]
            ? ((long)attempts, TimeSpan.FromMilliseconds((long)age)) : null;
    }

    private RedisKey EraKey => identity.Keys.Of("era");

    private static long? Number(RedisAnswer answer) => answer.Result is { } result && (long)result is >= 0 and var number ? number : null;

    private static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);

    private RedisKey Key(CommonCounter counter, string what) =>
        identity.Keys.Of($"{what}:{identity.Key.NameOf($"{counter.Era}\n{counter.Name}")}");
}
