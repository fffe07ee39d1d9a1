using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace SmtpProxy.Mutation;

/// <summary>Makes the mutants of one project, and tries each against the tests that reach it.</summary>
internal sealed class MutationRun
{
    private readonly string _product;
    private readonly string _tests;
    private readonly string _folder;
    private readonly IReadOnlyList<Mutant> _mutants;
    private readonly ILookup<string, Mutant> _ofFolder;
    private readonly Results _results;

    private MutationRun(string product)
    {
        (_product, _tests) = (product, product + ".Tests");
        _folder = FolderOf(product);
        _mutants = JsonSerializer.Deserialize<List<Mutant>>(File.ReadAllText(Path.Combine(_folder, "mutants.json")))!;
        _ofFolder = _mutants.ToLookup(static m => Path.GetDirectoryName(m.File)!);
        _results = new Results(Path.Combine("artifacts", "mutation", product + ".tsv"));
    }

    /// <summary>Does what the command line says.</summary>
    public static async Task<int> GoAsync(string[] args)
    {
        IEnumerable<string> Values(string option) => args.Zip(args.Skip(1)).Where(p => p.First == option).Select(static p => p.Second);
        double Number(string option, double otherwise) =>
            Values(option).FirstOrDefault() is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        if (args.Contains("--make"))
        {
            Make(args[0], [.. Values("--in")]);
            return 0;
        }

        var run = new MutationRun(args[0]);
        // The same seed takes the same ones as long as their sources are the same, and of two seeds none is in both samples.
        var (sample, seed) = (Number("--sample", 1), Number("--seed", 1));
        var from = (seed - 1) * sample % 1;
        var chosen = run._mutants.Where(m => m.Place >= from && m.Place < from + sample).ToArray();
        new Random((int)seed).Shuffle(chosen);
        if (!args.Contains("--report"))
        {
            var again = args.Contains("--again");
            var open = chosen.Where(m => run._results[m] is null || (again && run._results[m] is "survived" or "unreached"));
            await run.TryAllAsync([.. open], [.. Values("--tests")],
                TimeSpan.FromMinutes(Number("--minutes", 24 * 60)), (int)Number("--workers", 1));
        }

        run._results.Print([.. chosen.OrderBy(static m => m.Number)], Explained());
        return 0;
    }

    /// <summary>Puts the tests, the mutated product and this program's copy into one folder.</summary>
    private static void Make(string product, IReadOnlyList<string> rooms)
    {
        var folder = FolderOf(product);
        CopyAll(Path.Combine("artifacts", "bin", product + ".Tests", "release"), folder);
        CopyAll(AppContext.BaseDirectory, folder, "SmtpProxy.Mutation.*");
        var mutants = MutatedProject.Write(ProjectCompiler.Load($"src/{product}/{product}.csproj"), Path.GetFullPath($"src/{product}"),
            rooms, Path.Combine(folder, product + ".dll"), Path.Combine("artifacts", "mutation", product + ".struck"));
        File.WriteAllText(Path.Combine(folder, "mutants.json"), JsonSerializer.Serialize(mutants));
    }

    private static string FolderOf(string product) => Path.Combine("artifacts", "mutation", product);

    private async Task TryAllAsync(IReadOnlyList<Mutant> mutants, IReadOnlyList<string> classes, TimeSpan longest, int workers)
    {
        if (mutants.Count == 0)
        {
            return;
        }

        var watch = Stopwatch.StartNew();
        var coverage = await Coverage.WatchAsync(() => StartAsync(0), Path.Combine("artifacts", "mutation", _product + ".reach"),
            Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(_folder, "mutants.json")))), classes, longest);
        if (coverage is null)
        {
            return;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{coverage.Tests} tests, {coverage.Milliseconds / 1000:0} s, watched in {watch.Elapsed.TotalSeconds:0} s"));
        coverage.Failing.ForEach(static t => Console.WriteLine("fails without a mutant: " + t));
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(async () =>
        {
            using var place = new Place(await StartAsync(0));
            while (watch.Elapsed < longest && Interlocked.Increment(ref next) is var n && n < mutants.Count)
            {
                var began = watch.Elapsed;
                var (outcome, by) = await TryAsync(mutants[n], coverage, place);
                if (by.Length > 0)
                {
                    coverage.Killed(mutants[n], by);
                }

                _results.Add(mutants[n], outcome, by);
                if (outcome != "killed" || n % 100 == 0)
                {
                    var took = (watch.Elapsed - began).TotalSeconds;
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{n + 1}/{mutants.Count} {watch.Elapsed.TotalSeconds:0} s {outcome} after {took:0.0} s {mutants[n].Number} "
                        + $"{mutants[n]}"));
                }
            }
        })));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds:0} s in all"));
    }

    private async Task<(string Outcome, string By)> TryAsync(Mutant mutant, Coverage coverage, Place place)
    {
        var groups = coverage.For(mutant, _ofFolder[Path.GetDirectoryName(mutant.File)!]);
        if (groups.Count == 0)
        {
            return ("unreached", "");
        }

        if (coverage.IsOnce(mutant.Number))
        {
            using var own = await StartAsync(mutant.Number);
            var once = Read(await own.TryAsync(mutant.Number, groups));
            // What was filled while it was on stays as it is, so that the test fails without it as well.
            return once.Outcome == "spoilt" ? ("killed", "") : once;
        }

        for (var attempt = 0; ; attempt++)
        {
            // What mutants leave over in a process adds up.
            if (place.Worker.Tried >= 300)
            {
                place.Take(await StartAsync(0));
            }

            var outcome = Read(await place.Worker.TryAsync(mutant.Number, groups));
            if (outcome.Outcome is not ("killed" or "survived"))
            {
                place.Take(await StartAsync(0));
            }

            if (outcome.Outcome != "spoilt" || attempt == 1)
            {
                // A test that fails after a mutant in a new process too fails since something of it was left over, which is its work.
                return outcome.Outcome == "spoilt" ? ("killed", "") : outcome;
            }
        }
    }

    private async Task<Worker> StartAsync(int active)
    {
        var worker = new Worker(_folder, _tests, _product, active);
        await worker.ReadyAsync();
        return worker;
    }

    private static (string Outcome, string By) Read(string line) => line.Split(' ') is [var outcome, var by] ? (outcome, by) : (line, "");

    /// <summary>Survivors that somebody has looked at, and that do the same as what they stand for: name, tab, reason.</summary>
    private static Dictionary<string, string> Explained() => File.ReadLines("tests/SmtpProxy.Mutation/the-same.tsv")
        .Select(static line => line.Split('\t')).Where(static words => words.Length == 2)
        .DistinctBy(static words => words[0]).ToDictionary(static words => words[0], static words => words[1]);

    private static void CopyAll(string from, string to, string pattern = "*")
    {
        foreach (var file in Directory.EnumerateFiles(from, pattern, SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }

    /// <summary>Where one process after the other tries mutants.</summary>
    private sealed class Place(Worker worker) : IDisposable
    {
        public Worker Worker { get; private set; } = worker;

        public void Take(Worker next)
        {
            Worker.Dispose();
            Worker = next;
        }

        public void Dispose() => Worker.Dispose();
    }
}
