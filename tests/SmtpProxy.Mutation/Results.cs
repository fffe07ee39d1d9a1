using System.Globalization;

namespace SmtpProxy.Mutation;

/// <summary>What came of each mutant, in a file that a run which was broken off goes on with.</summary>
internal sealed class Results
{
    private readonly Dictionary<string, string> _outcomes = [];
    private readonly string _path;

    /// <summary>Reads what is there.</summary>
    public Results(string path)
    {
        _path = path;
        foreach (var line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            var words = line.Split('\t');
            _outcomes[words[0]] = words[1];
        }
    }

    /// <summary>What came of it: killed, late, crashed, survived, unreached; null where it was not tried.</summary>
    public string? this[Mutant mutant] => _outcomes.GetValueOrDefault(mutant.Key);

    /// <summary>Writes down what came of it.</summary>
    public void Add(Mutant mutant, string outcome, string by)
    {
        lock (_outcomes)
        {
            _outcomes[mutant.Key] = outcome;
            File.AppendAllText(_path, $"{mutant.Key}\t{outcome}\t{by}\n");
        }
    }

    /// <summary>The table that tests/README.md has, and all that survived.</summary>
    public void Print(IReadOnlyList<Mutant> mutants, IReadOnlyDictionary<string, string> same)
    {
        Console.WriteLine("| folder | mutants | tried | killed | survived | unreached | the same | score |\n"
            + "| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var folder in mutants.GroupBy(static m => m.Folder).OrderBy(static f => f.Key, StringComparer.Ordinal))
        {
            Console.WriteLine(Row("`" + folder.Key + "`", [.. folder], same));
        }

        Console.WriteLine(Row("all", mutants, same));
        foreach (var mutant in mutants.Where(m => this[m] is "survived" or "unreached" && !same.ContainsKey(NameOf(m))))
        {
            Console.WriteLine($"{this[mutant]} {mutant.Number} {mutant}");
        }
    }

    /// <summary>What a mutant is called where it is explained: what stays the same while its member changes.</summary>
    public static string NameOf(Mutant mutant) => $"{mutant.Member} [{mutant.Kind}] {mutant.Was} -> {mutant.Becomes}".Trim();

    private string Row(string name, IReadOnlyList<Mutant> mutants, IReadOnlyDictionary<string, string> same)
    {
        var tried = mutants.Where(m => this[m] is not null).ToList();
        var killed = tried.Count(m => this[m] is "killed" or "late" or "crashed");
        var alive = tried.Where(m => this[m] is "survived" or "unreached").ToList();
        var equal = alive.Count(m => same.ContainsKey(NameOf(m)));
        var (survived, unreached) = (alive.Count(m => this[m] == "survived"), alive.Count(m => this[m] == "unreached"));
        var score = tried.Count == equal ? 1 : killed / (double)(tried.Count - equal);
        return string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {mutants.Count:N0} | {tried.Count:N0} | {killed:N0} | {survived:N0} | {unreached:N0} | {equal:N0} | {score:P1} |");
    }
}
