using System.Globalization;

namespace SmtpProxy.Mutation;

/// <summary>Which tests reach which mutants, and how long they take.</summary>
internal sealed class Coverage
{
    private readonly Dictionary<int, List<string>> _tests = [];
    private readonly Dictionary<string, double> _milliseconds = [];
    private readonly Dictionary<string, int> _kills = [];
    private readonly HashSet<int> _once = [];

    /// <summary>Tests that fail although no mutant is on: they say nothing.</summary>
    public List<string> Failing { get; } = [];

    /// <summary>How long the tests take that say something.</summary>
    public double Milliseconds => _milliseconds.Values.Sum();

    /// <summary>How many these are.</summary>
    public int Tests => _milliseconds.Count;

    /// <summary>Runs every test once, and some again.</summary>
    public static async Task<Coverage> WatchAsync(Worker worker)
    {
        var coverage = new Coverage();
        var count = 0;
        await foreach (var line in worker.WatchAsync([]))
        {
            coverage.Add(line.Split('\t'));
            if (++count % 200 == 0)
            {
                Console.WriteLine($"{count} tests watched");
            }
        }

        await coverage.FindOnceAsync(worker);
        return coverage;
    }

    /// <summary>Whether it is only reached once in a process, as what fills a static field.</summary>
    public bool IsOnce(int mutant) => _once.Contains(mutant);

    /// <summary>The tests that may kill it, in groups: the likeliest first for the time that they take.</summary>
    /// <param name="mutant">The mutant.</param>
    /// <param name="neighbours">Those of the same file, for one that is only reached once.</param>
    public List<(double Milliseconds, IReadOnlyList<string> Tests)> For(Mutant mutant, IEnumerable<Mutant> neighbours)
    {
        var tests = IsOnce(mutant.Number)
            ? neighbours.SelectMany(n => _tests.GetValueOrDefault(n.Number) ?? []).Distinct()
            : _tests.GetValueOrDefault(mutant.Number) ?? [];
        var groups = new List<(double, IReadOnlyList<string>)>();
        var (group, time) = (new List<string>(), 0.0);
        foreach (var test in tests.OrderBy(t => (_milliseconds[t] + 0.2) / (1 + _kills.GetValueOrDefault(t))))
        {
            group.Add(test);
            time += _milliseconds[test];
            if (group.Count >= 20 || time > 200)
            {
                groups.Add((time, group));
                (group, time) = ([], 0.0);
            }
        }

        if (group.Count > 0)
        {
            groups.Add((time, group));
        }

        return groups;
    }

    /// <summary>A test that has killed one is likely to kill the next.</summary>
    public void Killed(string test) => _kills[test] = _kills.GetValueOrDefault(test) + 1;

    private void Add(string[] words)
    {
        if (words[3] != "passed")
        {
            Failing.Add(words[5]);
            return;
        }

        _milliseconds[words[1]] = double.Parse(words[2], CultureInfo.InvariantCulture);
        foreach (var number in Numbers(words[4]))
        {
            if (!_tests.TryGetValue(number, out var tests))
            {
                _tests[number] = tests = [];
            }

            tests.Add(words[1]);
        }
    }

    /// <summary>What a single test reached it may have reached as the first of the process: then it does not a second time.</summary>
    private async Task FindOnceAsync(Worker worker)
    {
        var single = _tests.Where(static pair => pair.Value.Count == 1).ToLookup(static pair => pair.Value[0], static pair => pair.Key);
        if (single.Count == 0)
        {
            return;
        }

        await foreach (var line in worker.WatchAsync(single.Select(static s => s.Key)))
        {
            var words = line.Split('\t');
            _once.UnionWith(single[words[1]].Except(Numbers(words[4])));
        }
    }

    private static IEnumerable<int> Numbers(string text) => text.Length == 0
        ? [] : text.Split(',').Select(static n => int.Parse(n, CultureInfo.InvariantCulture));
}
