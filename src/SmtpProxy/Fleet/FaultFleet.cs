using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Shared;
using StackExchange.Redis;

namespace SmtpProxy.Fleet;

/// <summary>Halts and rules that the fleet has in common. What is said here goes to the others at once by the channel, and stands in Redis
/// for those who come later; what Redis has forgotten, it is told again. Thread-safe.</summary>
internal sealed class FaultFleet : IFaultFleet
{
    /// <summary>How long a halt, or rules, stand after the last proxy that knew of them is gone.</summary>
    private static readonly TimeSpan HaltKept = TimeSpan.FromDays(30), RulesKept = TimeSpan.FromDays(1);

    private const string Reading = CommonText.Bounds + "return {version(KEYS[1]), bounded(KEYS[1], 'd', tonumber(ARGV[1]))}";

    /// <summary>Nothing there is no other revision: Redis was emptied. Nor is what nobody of the fleet has written.</summary>
    private const string Changing = CommonText.Bounds + """
        local v = tonumber(version(KEYS[1]))
        if v ~= 0 and v ~= tonumber(ARGV[1]) and v ~= tonumber(ARGV[5]) then
          return 0
        end
        redis.call('HSET', KEYS[1], 'v', ARGV[2], 'd', ARGV[3])
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        return 1
        """;

    private readonly FleetIdentity _identity;
    private readonly RedisLink _link;
    private readonly FleetState _state;
    private readonly FleetCounts _counts;
    private readonly Members _members;
    private readonly TimeProvider _time;
    private readonly CommonText<HaltWord> _halt;
    private readonly CommonText<SharedRules> _rules;
    private int _beats;
    private long _foreignRules;

    public FaultFleet(FleetIdentity identity, RedisLink link, FleetState state, Members members, TimeProvider time)
    {
        (_identity, _link, _state, _members, _time) = (identity, link, state, members, time);
        _counts = new FleetCounts(identity, link);
        _halt = new CommonText<HaltWord>(identity.Key, "halt", FleetJson.Default.HaltWord);
        _rules = new CommonText<SharedRules>(identity.Key, "rules", FleetJson.Default.SharedRules);
    }

    /// <summary>Where both lie.</summary>
    public RedisKey[] Places => [_identity.Keys.Of("halt"), _identity.Keys.Of("rules")];

    /// <summary>The versions that are known here.</summary>
    public RedisValue[] Versions => [_halt.Version, _rules.Version];

    public bool IsHeard => _state.IsJoined;

    public string Era { get; private set; } = "";

    public long SessionsElsewhere => _members.All.Where(m => m.Id != _identity.Id).Sum(static m => m.Report.RecentSessions);

    public Task<long?> OccasionAsync(CommonCounter counter, string scope) => _counts.OccasionAsync(counter, scope);

    public Task<long?> TakeAsync(CommonCounter counter, CommonBudget budget, bool isNewSession) =>
        _counts.TakeAsync(counter, budget, isNewSession);

    public Task<(long Attempts, TimeSpan Age)?> AttemptAsync(CommonCounter counter, string key, TimeSpan window) =>
        _counts.AttemptAsync(counter, key, window);

    public void Halted(string reason, string by, DateTimeOffset since) => Say(new HaltWord(true, reason, by, since, _identity.Name));

    public void Resumed() => Say(new HaltWord(false, "", "", _time.GetUtcNow(), _identity.Name));

    public async Task<SharedRules?> RulesAsync()
    {
        if (_members.Strangers > 0)
        {
            // What lies there may be another fleet's.
            return null;
        }

        var answer = await _link.AskAsync(FleetUse.Rules, Reading, [Places[1]], [CommonText.Longest]).ConfigureAwait(false);
        if ((RedisResult[]?)answer.Result is not [var version, var text])
        {
            return null;
        }

        _ = _rules.Hear((byte[]?)text ?? []);
        _foreignRules = Foreign(_rules, version, text);

        return _rules.Last.Value ?? SharedRules.None;
    }

    public async Task<bool?> TryChangeAsync(long revision, SharedRules next)
    {
        var text = _rules.Seal(next.Revision, next);
        if (text.Length > CommonText.Longest)
        {
            return null;
        }

        var answer = await _link.AskAsync(FleetUse.Rules, Changing, [Places[1]],
            [revision, next.Revision, text, (long)RulesKept.TotalMilliseconds, _foreignRules]).ConfigureAwait(false);
        if (answer.Result is not { } result)
        {
            return null;
        }

        if ((int)result == 0)
        {
            return false;
        }

        _ = _rules.Hear(text);
        await _link.PublishAsync(_identity.Keys.Look, []).ConfigureAwait(false);
        return true;
    }

    /// <summary>A message of the channel: a halt by itself, or nothing.</summary>
    public void Heard(byte[] said, FaultEngine engine)
    {
        if (said.Length > 0 && _halt.Hear(said) is { } halt)
        {
            Take(halt, engine);
        }
    }

    /// <summary>The beat was told the era.</summary>
    public void HeardEra(string era) => Era = era;

    /// <summary>The beat has read what stands in Redis: of both the version, and the text where it is another one.</summary>
    /// <param name="read">What it has read.</param>
    /// <param name="engine">Whom it is about.</param>
    /// <param name="isKept">Whether Redis is told what it has forgotten. Not where another fleet is in the same place: each would
    /// write over what the other has said.</param>
    public async Task HeardAsync(RedisResult[] read, FaultEngine engine, bool isKept)
    {
        if (_halt.Hear((byte[]?)read[1] ?? []) is { } halt)
        {
            Take(halt, engine);
        }

        _ = _rules.Hear((byte[]?)read[3] ?? []);
        engine.Take(_rules.Last.Value ?? SharedRules.None);

        if (!isKept)
        {
            return;
        }

        // Also now and then, that they do not run out.
        const int Often = 120;
        var isTime = _beats++ % Often == 0;
        await KeepAsync(FleetUse.Halt, Places[0], _halt, read[0], read[1], HaltKept, isTime).ConfigureAwait(false);
        await KeepAsync(FleetUse.Rules, Places[1], _rules, read[2], read[3], RulesKept, isTime).ConfigureAwait(false);
    }

    /// <summary>The version that stands with a text which nobody of the fleet has written, or not as that version; 0: there is
    /// none.</summary>
    private static long Foreign<T>(CommonText<T> common, RedisResult version, RedisResult? text)
        where T : class =>
        (long)version is var stored && stored != common.Version && common.Open((byte[]?)text ?? [])?.Version != stored ? stored : 0;

    private static void Take(HaltWord halt, FaultEngine engine)
    {
        if (halt.Halted)
        {
            engine.Switch.HaltWithFleet(new HaltState($"{halt.Reason} ({halt.By}, on {halt.Node})", halt.Since, "fleet"));
        }
        else
        {
            engine.Switch.ResumeWithFleet();
        }
    }

    private async Task KeepAsync<T>(FleetUse use, RedisKey place, CommonText<T> common, RedisResult stored, RedisResult text, TimeSpan kept,
        bool isTime)
        where T : class
    {
        var ((version, _, known), foreign) = (common.Last, Foreign(common, stored, text));
        if (version > 0 && ((long)stored < version || foreign > 0 || isTime))
        {
            await _link.AskAsync(use, CommonText<HaltWord>.Keeping, [place], [version, known, (long)kept.TotalMilliseconds, foreign])
                .ConfigureAwait(false);
        }
    }

    /// <summary>The last word counts, whoever says it: words are numbered by the clock, and never lower than the one before.</summary>
    private void Say(HaltWord word)
    {
        var text = _halt.Say(last => Math.Max(last + 1, _time.GetUtcNow().ToUnixTimeMilliseconds()), word);
        _ = _link.PublishAsync(_identity.Keys.Look, text);
        _identity.Look();
    }
}

/// <summary>A halt, or the end of one.</summary>
internal sealed record HaltWord(bool Halted, string Reason, string By, DateTimeOffset Since, string Node);
