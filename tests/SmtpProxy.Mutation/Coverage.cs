using System.Diagnostics;
using System.Globalization;

namespace SmtpProxy.Mutation;

/// <summary>Which tests reach which mutants, and how long they take.</summary>
internal sealed class Coverage
{
    /// <summary>The line before what a new process was watched at.</summary>
    private const string Begin = "begin";

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

    /// <summary>Runs every test once, and some again; those that were watched before at the same mutants need not be.</summary>
    /// <param name="start">Starts a process.</param>
    /// <param name="path">Where it is written down, as it comes.</param>
    /// <param name="mutants">What names the mutants that these are.</param>
    /// <param name="classes">Only tests whose class has one of these in its name need be watched; all where there are none.</param>
    /// <param name="longest">How long that may take.</param>
    /// <returns>Null: it has taken so long, and the next run goes on with the rest.</returns>
    public static async Task<Coverage?> WatchAsync(
        Func<Task<Worker>> start, string path, string mutants, IReadOnlyList<string> classes, TimeSpan longest)
    {
        var watch = Stopwatch.StartNew();
        var known = File.Exists(path) && File.ReadLines(path).FirstOrDefault() == mutants ? File.ReadAllLines(path).Skip(1).ToList() : [];
        var all = new List<string>();
        using (var worker = await start())
        {
            await foreach (var line in worker.ListAsync())
            {
                all.Add(line);
            }
        }

        var there = all.ToHashSet();
        known.RemoveAll(line => line != Begin && (line.Count(static c => c == '\t') < 5 || !there.Contains(TestOf(line))));
        await File.WriteAllLinesAsync(path, known.Prepend(mutants));
        var fresh = all.Where(test => classes.Count == 0 || classes.Any(c => test.Contains(c, StringComparison.Ordinal)))
            .Except(known.Where(static line => line.StartsWith("test", StringComparison.Ordinal)).Select(TestOf)).ToList();
        // What fills tables while tests are looked for is reached by the first test that is watched: so it is another process.
        if (fresh.Count > 0 && !await ReadAsync(start, path, known, fresh, "", () => watch.Elapsed < longest))
        {
            return null;
        }

        // Each process has a first test.
        var most = known.Count(static line => line == Begin);
        var doubtful = known.Where(static line => line.StartsWith("test", StringComparison.Ordinal))
            .SelectMany(static line => Numbers(line).Select(n => (Test: TestOf(line), Number: n)))
            .GroupBy(static hit => hit.Number).Where(hits => hits.Count() <= most).SelectMany(static hits => hits)
            .Select(static hit => hit.Test).Distinct()
            .Except(known.Where(static line => line.StartsWith("again", StringComparison.Ordinal)).Select(TestOf)).ToList();
        if (doubtful.Count > 0 && !await ReadAsync(start, path, known, doubtful, "again", () => watch.Elapsed < longest))
        {
            return null;
        }

        var coverage = new Coverage();
        known.ForEach(coverage.Add);
        coverage.FindOnce(known);
        return coverage;
    }

    /// <summary>Whether it is only reached once in a process, as what fills a static field.</summary>
    public bool IsOnce(int mutant) => _once.Contains(mutant);

    /// <summary>The tests that may kill it, in groups: the likeliest first for the time that they take.</summary>
    /// <param name="mutant">The mutant.</param>
    /// <param name="neighbours">Those of the same folder, for one that is only reached once: who reads a table is not who fills it.</param>
    public List<(double Milliseconds, IReadOnlyList<string> Tests)> For(Mutant mutant, IEnumerable<Mutant> neighbours)
    {
        Dictionary<string, int> kills;
        lock (_kills)
        {
            kills = new(_kills);
        }

        // What has killed one in the same file is likelier still.
        double Likeliness(string test) => 1 + kills.GetValueOrDefault(test) + 20 * kills.GetValueOrDefault(mutant.File + test);
        var tests = IsOnce(mutant.Number)
            ? neighbours.SelectMany(n => _tests.GetValueOrDefault(n.Number) ?? []).Distinct()
            : _tests.GetValueOrDefault(mutant.Number) ?? [];
        var groups = new List<(double, IReadOnlyList<string>)>();
        var (group, time) = (new List<string>(), 0.0);
        foreach (var test in tests.OrderBy(t => (_milliseconds[t] + 1) / Likeliness(t)))
        {
            group.Add(test);
            time += _milliseconds[test];
            // Those at the end meet what survives, most of it: they need not stop so soon.
            var many = groups.Count > 3 ? 4 : 1;
            if (group.Count >= 20 * many || time > 200 * many)
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
    public void Killed(Mutant mutant, string test)
    {
        lock (_kills)
        {
            _kills[test] = _kills.GetValueOrDefault(test) + 1;
            _kills[mutant.File + test] = _kills.GetValueOrDefault(mutant.File + test) + 1;
        }
    }

    private void Add(string line)
    {
        var words = line.Split('\t');
        if (words[0] != "test")
        {
            return;
        }

        if (words[3] != "passed")
        {
            Failing.Add(words[5]);
            return;
        }

        _milliseconds[words[1]] = double.Parse(words[2], CultureInfo.InvariantCulture);
        foreach (var number in Numbers(line))
        {
            if (!_tests.TryGetValue(number, out var tests))
            {
                _tests[number] = tests = [];
            }

            tests.Add(words[1]);
        }
    }

    /// <summary>What a single test reached it may have reached as the first of its process: then it does not a second time.</summary>
    private void FindOnce(IEnumerable<string> lines)
    {
        var again = lines.Where(static line => line.StartsWith("again", StringComparison.Ordinal))
            .GroupBy(static line => line.Split('\t')[1]).ToDictionary(static g => g.Key, static g => g.SelectMany(Numbers).ToHashSet());
        _once.UnionWith(_tests.Where(pair => pair.Value.TrueForAll(test => again.TryGetValue(test, out var its) && !its.Contains(pair.Key)))
            .Select(static pair => pair.Key));
    }

    /// <summary>Watches tests in a process of its own, as long as it may.</summary>
    private static async Task<bool> ReadAsync(
        Func<Task<Worker>> start, string path, List<string> known, List<string> tests, string kind, Func<bool> goesOn)
    {
        Console.WriteLine($"{tests.Count} tests to watch {kind}".TrimEnd());
        using var worker = await start();
        await using var file = new StreamWriter(path, append: true);
        if (kind.Length == 0)
        {
            known.Add(Begin);
            await file.WriteLineAsync(Begin);
        }
        else
        {
            // In a new process they fill the tables once more.
            await foreach (var _ in worker.WatchAsync(tests))
            {
            }
        }

        var count = 0;
        await foreach (var said in worker.WatchAsync(tests))
        {
            var line = kind.Length == 0 ? said : kind + said[said.IndexOf('\t', StringComparison.Ordinal)..];
            known.Add(line);
            await file.WriteLineAsync(line);
            if (++count % 500 == 0)
            {
                Console.WriteLine($"{count} tests watched");
            }

            if (count < tests.Count && !goesOn())
            {
                Console.WriteLine($"{count} tests watched; the time is up, and another run goes on with the rest");
                return false;
            }
        }

        return true;
    }

    private static string TestOf(string line) => line.Split('\t')[1];

    private static IEnumerable<int> Numbers(string line) => line.Split('\t')[4] is { Length: > 0 } numbers
        ? numbers.Split(',').Select(static n => int.Parse(n, CultureInfo.InvariantCulture)) : [];
}
