using System.Text.Json.Nodes;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Presets;
using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Faults.Engine;

/// <summary>Where rules are changed from outside: in this process alone, or, where it belongs to a fleet, in all of it or not at all. A
/// change that cannot be shared is refused, for it would be of one proxy only. Thread-safe.</summary>
public sealed class RuleDesk
{
    /// <summary>How often a change is tried again that another proxy's has overtaken.</summary>
    private const int Tries = 5;

    private readonly FaultEngine _engine;
    private readonly IFaultFleet? _fleet;

    internal RuleDesk(FaultEngine engine, IFaultFleet? fleet) => (_engine, _fleet) = (engine, fleet);

    private delegate RuleChange? Change(SharedRules now, Dictionary<string, SharedRule> rules);

    /// <summary>Makes or replaces a rule.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="text">The rule.</param>
    /// <param name="revision">Only at this revision; null: at any.</param>
    public Task<RuleChange> PutAsync(string id, JsonObject text, long? revision) =>
        PutAllAsync([KeyValuePair.Create(id, text)], revision, keepOthers: true);

    /// <summary>Makes several rules at once.</summary>
    /// <param name="texts">By name.</param>
    /// <param name="revision">Only at this revision; null: at any.</param>
    /// <param name="keepOthers">Whether other rules of the API stay.</param>
    public async Task<RuleChange> PutAllAsync(IReadOnlyList<KeyValuePair<string, JsonObject>> texts, long? revision, bool keepOthers)
    {
        if (_fleet is null)
        {
            return _engine.Rules.PutAll(texts, revision, keepOthers);
        }

        return await ShareAsync(revision, (now, rules) => Put(now, rules, texts, keepOthers, null)).ConfigureAwait(false);
    }

    /// <summary>Removes a rule.</summary>
    public async Task<RuleChange> DeleteAsync(string id, long? revision) => _fleet is null
        ? _engine.Rules.Delete([id], revision)
        : await ShareAsync(revision, (_, rules) => Remove(rules, [id])).ConfigureAwait(false);

    /// <summary>Starts a preset.</summary>
    /// <param name="preset">Which.</param>
    /// <param name="start">With what.</param>
    /// <returns>What came of it, and the name of the run with its rules; empty when it was refused.</returns>
    public async Task<(RuleChange Change, string Run, IReadOnlyList<string> Rules)> StartAsync(Preset preset, PresetStart start)
    {
        if (_fleet is null)
        {
            var alone = _engine.Presets.Start(preset, start, out var run);
            return (alone, run.Id, run.Rules);
        }

        var errors = new List<RuleError>();
        var texts = PresetRun.Rules(preset, start, errors);
        if (errors.Count > 0)
        {
            return (new RuleChange(RuleChangeKind.Refused, _engine.Rules.Revision, errors), "", []);
        }

        var name = "";
        var change = await ShareAsync(null, (now, rules) =>
        {
            name = FormattableString.Invariant($"{preset.Name}-{now.Revision + 1}");
            return Put(now, rules, texts, keepOthers: true, name);
        }).ConfigureAwait(false);
        return change.Kind == RuleChangeKind.Done ? (change, name, [.. texts.Select(static t => t.Key)]) : (change, "", []);
    }

    /// <summary>Ends a run early: by its name, or the preset's.</summary>
    public async Task<RuleChange> StopAsync(string run) => _fleet is null
        ? _engine.Presets.Stop(run)
        : await ShareAsync(null, (_, rules) =>
        {
            string[] its = [.. rules.Where(r => r.Value.Run == run).Select(static r => r.Key)];
            return Remove(rules, its.Length > 0 ? its : PresetCatalogue.Find(run)?.Rules.Select(static r => r.Key).ToArray() ?? [run]);
        }).ConfigureAwait(false);

    /// <summary>Removes the rules of the API, and forgets what was counted. A halt stays.</summary>
    public async Task<RuleChange> ResetAsync()
    {
        if (_fleet is null)
        {
            _engine.Reset();
            return new RuleChange(RuleChangeKind.Done, _engine.Rules.Revision, []);
        }

        return await ShareAsync(null, static (_, rules) =>
        {
            rules.Clear();
            return null;
        }, forget: true).ConfigureAwait(false);
    }

    private RuleChange? Put(SharedRules now, Dictionary<string, SharedRule> rules, IReadOnlyList<KeyValuePair<string, JsonObject>> texts,
        bool keepOthers, string? run)
    {
        if (_engine.Rules.Judge(texts, keepOthers) is { } refused)
        {
            return refused;
        }

        if (!keepOthers)
        {
            rules.Clear();
        }

        foreach (var (id, text) in texts)
        {
            rules[id] = new SharedRule((JsonObject)text.DeepClone(), _engine.Time.GetUtcNow(), now.Revision + 1, _fleet!.Era, run);
        }

        return null;
    }

    private RuleChange? Remove(Dictionary<string, SharedRule> rules, IReadOnlyCollection<string> ids)
    {
        if (_engine.Rules.OfFile(ids) is { } refused)
        {
            return refused;
        }

        var before = rules.Count;
        foreach (var id in ids)
        {
            rules.Remove(id);
        }

        return rules.Count < before ? null : new RuleChange(RuleChangeKind.NotThere, _engine.Rules.Revision, []);
    }

    private async Task<RuleChange> ShareAsync(long? revision, Change change, bool forget = false)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            if (await _fleet!.RulesAsync().ConfigureAwait(false) is not { } now)
            {
                break;
            }

            _engine.Take(now);
            if (revision is { } expected && expected != now.Revision)
            {
                return new RuleChange(RuleChangeKind.OtherRevision, now.Revision, []);
            }

            var rules = new Dictionary<string, SharedRule>(now.Rules);
            if (change(now, rules) is { } refused)
            {
                return refused;
            }

            var next = new SharedRules(now.Revision + 1, now.Epoch + (forget ? 1 : 0), rules);
            switch (await _fleet.TryChangeAsync(now.Revision, next).ConfigureAwait(false))
            {
                case true:
                    _engine.Take(next);
                    return new RuleChange(RuleChangeKind.Done, next.Revision, []);
                case null:
                    tries = Tries;
                    break;
            }
        }

        return new RuleChange(RuleChangeKind.Unreachable, _engine.Rules.Revision, []);
    }
}
