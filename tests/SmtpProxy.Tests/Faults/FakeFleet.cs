using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Tests.Faults;

/// <summary>A fleet that counts in memory, and answers when it is told to.</summary>
internal sealed class FakeFleet : IFaultFleet
{
    private readonly Dictionary<string, long> _counts = [];
    private readonly Queue<Action> _waiting = new();

    public bool IsHeard { get; set; } = true;

    public string Era { get; set; } = "era";

    public long SessionsElsewhere { get; set; }

    /// <summary>How long ago the first attempt of each key was.</summary>
    public TimeSpan Age { get; set; }

    /// <summary>Nobody can say.</summary>
    public bool IsSilent { get; set; }

    /// <summary>What it was asked to keep to.</summary>
    public List<CommonBudget> Budgets { get; } = [];

    /// <summary>Whether it was the first strike in its session, each time it was asked.</summary>
    public List<bool> AreNew { get; } = [];

    /// <summary>What it was asked to count by, in order.</summary>
    public List<CommonCounter> Counters { get; } = [];

    /// <summary>After how long an attempt is to be a first one again, each time it was asked.</summary>
    public List<TimeSpan> Windows { get; } = [];

    /// <summary>Halts and resumes that the others were told.</summary>
    public List<string> Told { get; } = [];

    public SharedRules? Rules { get; set; } = SharedRules.None;

    public int Waiting => _waiting.Count;

    /// <summary>Answers what was asked first.</summary>
    public void Answer() => _waiting.Dequeue()();

    public void Halted(string reason, string by, DateTimeOffset since) => Told.Add($"{by}: {reason}");

    public void Resumed() => Told.Add("resumed");

    public Task<SharedRules?> RulesAsync() => Task.FromResult(Rules);

    public Task<bool?> TryChangeAsync(long revision, SharedRules next)
    {
        if (Rules is null || Rules.Revision != revision)
        {
            return Task.FromResult<bool?>(Rules is null ? null : false);
        }

        Rules = next;
        return Task.FromResult<bool?>(true);
    }

    public Task<long?> OccasionAsync(CommonCounter counter, string scope) => Later(counter, $"occasion {counter.Name} {scope}");

    public Task<long?> TakeAsync(CommonCounter counter, CommonBudget budget, bool isNewSession)
    {
        Budgets.Add(budget);
        AreNew.Add(isNewSession);
        return Later(counter, $"injections {counter.Name}", budget.Injections ?? long.MaxValue);
    }

    public async Task<(long Attempts, TimeSpan Age)?> AttemptAsync(CommonCounter counter, string key, TimeSpan window)
    {
        Windows.Add(window);
        return await Later(counter, $"attempt {counter.Name} {key}") is { } attempts ? (attempts, Age) : null;
    }

    private Task<long?> Later(CommonCounter counter, string what, long most = long.MaxValue)
    {
        Counters.Add(counter);
        var answer = new TaskCompletionSource<long?>();
        _waiting.Enqueue(() =>
        {
            if (IsSilent)
            {
                answer.SetResult(null);
                return;
            }

            var number = _counts.GetValueOrDefault(what) + 1;
            _counts[what] = Math.Min(number, most);
            answer.SetResult(number > most ? 0 : number);
        });
        return answer.Task;
    }
}
