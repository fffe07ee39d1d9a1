using SmtpProxy.Faults.Engine;
using StackExchange.Redis;

namespace SmtpProxy.Fleet;

/// <summary>The fleet's clock: twice a second, and when another member says so, reads what the fleet has in common and says what this proxy
/// does. What is written wrongly or not at all is written again by the next beat.</summary>
internal sealed class FleetBeat : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Who was not heard of for so long is not there.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    /// <summary>How long what the members say lies in Redis after the last of them.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    /// <summary>How long an era goes on after the last of them.</summary>
    private static readonly TimeSpan EraKept = TimeSpan.FromDays(1);

    /// <summary>Who was heard of later than now was heard of before Redis' clock was put back.</summary>
    private const string Reading = CommonText.Bounds + """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local seen = redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[1], now + ARGV[1], 'WITHSCORES', 'LIMIT', 0, 1000)
        local all = {}
        for i = 1, #seen, 2 do
          if #seen[i] == 32 then
            all[#all + 1] = seen[i]
            all[#all + 1] = now - seen[i + 1]
            all[#all + 1] = bounded(KEYS[2], seen[i], tonumber(ARGV[4]))
          end
        end
        local halt, rules = version(KEYS[3]), version(KEYS[4])
        return {all,
          halt, halt ~= ARGV[2] and bounded(KEYS[3], 'd', tonumber(ARGV[5])) or '',
          rules, rules ~= ARGV[3] and bounded(KEYS[4], 'd', tonumber(ARGV[5])) or ''}
        """;

    private const string Writing = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        redis.call('ZADD', KEYS[1], now, ARGV[1])
        redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
        redis.call('ZADD', KEYS[4], now, ARGV[7])
        for _, gone in ipairs({{'-inf', now - ARGV[3]}, {now + ARGV[3], '+inf'}}) do
          for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], gone[1], gone[2])) do
            redis.call('HDEL', KEYS[2], id)
            redis.call('ZREM', KEYS[1], id)
          end
          redis.call('ZREMRANGEBYSCORE', KEYS[4], gone[1], gone[2])
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        redis.call('PEXPIRE', KEYS[2], ARGV[4])
        redis.call('PEXPIRE', KEYS[4], ARGV[4])
        redis.call('SET', KEYS[3], ARGV[5], 'NX')
        redis.call('PEXPIRE', KEYS[3], ARGV[6])
        return redis.call('GETRANGE', KEYS[3], 0, 63)
        """;

    private const string Leaving = "redis.call('HDEL', KEYS[2], ARGV[1]) return redis.call('ZREM', KEYS[1], ARGV[1])";

    private readonly FleetIdentity _identity;
    private readonly FleetNode _node;
    private readonly RedisLink _link;
    private readonly FleetState _state;
    private readonly Members _members;
    private readonly FaultFleet _faults;
    private readonly FleetLimits _limits;
    private readonly FaultEngine _engine;
    private readonly TimeProvider _time;
    private bool _mustTell;

    public FleetBeat(FleetIdentity identity, FleetNode node, RedisLink link, FleetState state, Members members, FaultFleet faults,
        FleetLimits limits, FaultEngine engine, TimeProvider time)
    {
        (_identity, _node, _link, _state, _members) = (identity, node, link, state, members);
        (_faults, _limits, _engine, _time) = (faults, limits, engine, time);
    }

    private RedisKey[] Places => [_identity.Keys.Seen, _identity.Keys.Members];

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        await _link.BeatAsync(Leaving, Places, [_identity.Id]).ConfigureAwait(false);
        await _link.PublishAsync(_identity.Keys.Look, []).ConfigureAwait(false);
        await _link.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await TryBeatAsync().ConfigureAwait(false);
                await _identity.WaitAsync(Interval, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The proxy stops.
        }
    }

    /// <summary>Whatever somebody has written into Redis, the proxy goes on.</summary>
    private async Task TryBeatAsync()
    {
        try
        {
            await BeatAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A service that fails stops the process, and the mail with it.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            _state.Degraded($"what lies in Redis cannot be read: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private async Task BeatAsync()
    {
        var saying = _link.BeatAsync(Writing, [.. Places, _identity.Keys.Of("era"), _identity.Keys.Of("counting")],
            [_identity.Id, _node.Report().Seal(_identity.Key, _identity.Id), (long)Silence.TotalMilliseconds,
                (long)Kept.TotalMilliseconds, Guid.NewGuid().ToString("N"), (long)EraKept.TotalMilliseconds,
                _identity.Counting]);
        var read = await _link.BeatAsync(Reading, [.. Places, .. _faults.Places], [(long)Silence.TotalMilliseconds, .. _faults.Versions,
            MemberReport.Longest, CommonText.Longest])
            .ConfigureAwait(false);
        var said = await saying.ConfigureAwait(false);
        if ((string?)said.Result is { } era)
        {
            _mustTell |= era != _faults.Era;
            _faults.HeardEra(era);
        }

        if ((RedisResult[]?)read.Result is [var members, .. var common])
        {
            Hear((RedisResult[]?)members ?? []);
            await _faults.HeardAsync(common, _engine, isKept: _members.Strangers == 0).ConfigureAwait(false);
        }

        if (read.Problem is null && said.Problem is null)
        {
            if (!_link.Answers || !_state.IsHeard)
            {
                // Who left meanwhile was not told. The new name must be known before anything counts under it.
                _identity.CountAnew();
                _mustTell = true;
                _identity.Look();
            }
            else if (_mustTell)
            {
                _mustTell = !await _limits.TellAllAsync().ConfigureAwait(false);
            }

            _link.Answered();
            if (_members.Strangers is var strangers and > 0)
            {
                _state.Mixed($"{strangers} under {_identity.Keys.Begin} have another key file; give all the same, or this fleet another "
                    + "name or prefix");
            }
            else
            {
                _state.Joined(_identity.Fleet, _members.Count);
            }

            await _link.SubscribeAsync(_identity.Keys.Look, Heard).ConfigureAwait(false);
        }
        else
        {
            _state.Degraded(read.Problem ?? said.Problem!);
        }
    }

    /// <summary>A message of another member.</summary>
    private void Heard(byte[] said)
    {
        _faults.Heard(said, _engine);
        _identity.Look();
    }

    private void Hear(RedisResult[] all)
    {
        const int Fields = 3;
        var now = _time.GetUtcNow();
        var members = new List<Member>();
        var strangers = 0;
        for (var i = 0; i + Fields <= all.Length; i += Fields)
        {
            var (id, age, text) = ((string)all[i]!, (long)all[i + 1], (byte[])all[i + 2]!);
            var (report, isStranger) = MemberReport.Open(_identity.Key, id, text);
            strangers += isStranger ? 1 : 0;
            if (report is not null)
            {
                members.Add(new Member(id, now - TimeSpan.FromMilliseconds(Math.Max(0, age)), report));
            }
        }

        // A Redis that was emptied knows of nobody until they have spoken again.
        if (members.Count > 0)
        {
            _members.Heard(members, strangers);
        }
    }
}
