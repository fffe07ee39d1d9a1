using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Presets;

namespace SmtpProxy.Faults.Engine;

/// <summary>The presets that were started, each with the names of its rules. Thread-safe.</summary>
public sealed class PresetRuns
{
    private readonly RuleBook _rules;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string[]> _runs = [];
    private int _run;

    internal PresetRuns(RuleBook rules) => _rules = rules;

    /// <summary>Starts a preset.</summary>
    /// <param name="preset">Which.</param>
    /// <param name="start">With what.</param>
    /// <param name="run">The name of the run, and its rules; empty when it was refused.</param>
    public RuleChange Start(Preset preset, PresetStart start, out (string Id, IReadOnlyList<string> Rules) run)
    {
        ArgumentNullException.ThrowIfNull(preset);
        run = ("", []);
        var errors = new List<RuleError>();
        var rules = PresetRun.Rules(preset, start, errors);
        if (errors.Count > 0)
        {
            return new RuleChange(RuleChangeKind.Refused, _rules.Revision, errors);
        }

        var change = _rules.PutAll(rules, null, keepOthers: true);
        if (change.Kind == RuleChangeKind.Done)
        {
            string[] names = [.. rules.Select(static r => r.Key)];
            run = (Add(preset, names), names);
        }

        return change;
    }

    /// <summary>Ends a run early: by its name, or the preset's.</summary>
    public RuleChange Stop(string run)
    {
        string[] names;
        lock (_lock)
        {
            names = _runs.Remove(run, out var its) ? its : PresetCatalogue.Find(run)?.Rules.Select(static r => r.Key).ToArray() ?? [run];
        }

        return _rules.Delete(names);
    }

    private string Add(Preset preset, string[] names)
    {
        lock (_lock)
        {
            // A run that starts a preset again has taken the place of the earlier one: the rules have the same names.
            foreach (var earlier in _runs.Where(r => r.Value.Intersect(names).Any()).Select(static r => r.Key).ToArray())
            {
                _runs.Remove(earlier);
            }

            var id = FormattableString.Invariant($"{preset.Name}-{++_run}");
            _runs[id] = names;
            return id;
        }
    }
}
