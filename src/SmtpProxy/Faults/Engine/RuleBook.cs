using System.Text.Json.Nodes;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Rules;
using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Faults.Engine;

/// <summary>The rules of the process, and their changes: each is whole or not at all. Thread-safe.</summary>
public sealed class RuleBook
{
    private readonly Func<FaultsOptions> _options;
    private readonly TimeProvider _time;
    private readonly Action _changed;
    private readonly Lock _lock = new();
    private volatile RuleSet _rules = RuleSet.Empty;
    private long? _shared;

    internal RuleBook(Func<FaultsOptions> options, TimeProvider time, Action changed) =>
        (_options, _time, _changed) = (options, time, changed);

    /// <summary>Grows with every change of the rules.</summary>
    public long Revision => _rules.Revision;

    /// <summary>The rules at this moment.</summary>
    internal RuleSet Current => _rules;

    /// <summary>The rules as they were written, by name.</summary>
    public IReadOnlyDictionary<string, JsonObject> Texts() => _rules.All.ToDictionary(static r => r.Rule.Id, static r => r.Rule.Text);

    /// <summary>Makes or replaces a rule of the API.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="text">The rule.</param>
    /// <param name="revision">Only at this revision; null: at any.</param>
    /// <returns>What came of it.</returns>
    public RuleChange Put(string id, JsonObject text, long? revision = null) =>
        PutAll([KeyValuePair.Create(id, text)], revision, keepOthers: true);

    /// <summary>Makes several rules at once.</summary>
    /// <param name="texts">By name.</param>
    /// <param name="revision">Only at this revision; null: at any.</param>
    /// <param name="keepOthers">Whether other rules of the API stay.</param>
    public RuleChange PutAll(IEnumerable<KeyValuePair<string, JsonObject>> texts, long? revision, bool keepOthers)
    {
        var made = Read(texts, isNamed: !keepOthers, out var errors);
        if (errors.Count > 0)
        {
            return new RuleChange(RuleChangeKind.Refused, _rules.Revision, errors);
        }

        lock (_lock)
        {
            if (revision is { } expected && expected != _rules.Revision)
            {
                return new RuleChange(RuleChangeKind.OtherRevision, _rules.Revision, []);
            }

            if (TakenByFile(made) is { } refused)
            {
                return refused;
            }

            Replace(before =>
            [
                .. before.Where(r => !made.Exists(m => m.Id == r.Rule.Id) && (keepOthers || r.Rule.Source == RuleSource.File)),
                .. made.Select(static rule => new RuleState(rule)),
            ]);
            return new RuleChange(RuleChangeKind.Done, _rules.Revision, []);
        }
    }

    /// <summary>Removes rules of the API.</summary>
    /// <param name="ids">Their names.</param>
    /// <param name="revision">Only at this revision; null: at any.</param>
    /// <returns>What came of it: done when at least one of them was there.</returns>
    public RuleChange Delete(IReadOnlyCollection<string> ids, long? revision = null)
    {
        lock (_lock)
        {
            if (revision is { } expected && expected != _rules.Revision)
            {
                return new RuleChange(RuleChangeKind.OtherRevision, _rules.Revision, []);
            }

            if (OfFile(ids) is { } refused)
            {
                return refused;
            }

            var found = _rules.All.Where(r => ids.Contains(r.Rule.Id)).ToArray();

            if (found.Length == 0)
            {
                return new RuleChange(RuleChangeKind.NotThere, _rules.Revision, []);
            }

            Replace(before => before.Where(r => !found.Contains(r)));
            return new RuleChange(RuleChangeKind.Done, _rules.Revision, []);
        }
    }

    /// <summary>Judges rules that a fleet is to have in common, and changes nothing. Null: they can work.</summary>
    internal RuleChange? Judge(IEnumerable<KeyValuePair<string, JsonObject>> texts, bool keepOthers)
    {
        var made = Read(texts, isNamed: !keepOthers, out var errors);
        return errors.Count > 0 ? new RuleChange(RuleChangeKind.Refused, _rules.Revision, errors) : TakenByFile(made);
    }

    /// <summary>Why rules of these names cannot be removed by the API; null: they can.</summary>
    internal RuleChange? OfFile(IReadOnlyCollection<string> ids) =>
        _rules.All.FirstOrDefault(r => r.Rule.Source == RuleSource.File && ids.Contains(r.Rule.Id)) is { } file
            ? new RuleChange(RuleChangeKind.OfFile, _rules.Revision,
                [new RuleError("", $"\"{file.Rule.Id}\" is a rule of the configuration; disable it there, or halt all faults")])
            : null;

    /// <summary>Takes the rules that the fleet has in common in the place of those of the API; what was there already goes on
    /// counting.</summary>
    /// <returns>Those that cannot work here, and why.</returns>
    internal IReadOnlyList<(string Rule, string Problem)> Take(SharedRules shared)
    {
        var refused = new List<(string, string)>();
        lock (_lock)
        {
            if (_shared >= shared.Revision)
            {
                return refused;
            }

            _shared = shared.Revision;
            Replace(before =>
            [
                .. before.Where(static r => r.Rule.Source == RuleSource.File),
                .. shared.Rules.Select(s => before.FirstOrDefault(r => r.Rule.Source == RuleSource.Api && r.Rule.Id == s.Key
                        && r.Made == s.Value.Made) ?? Made(s.Key, s.Value, before, refused)).OfType<RuleState>(),
            ]);
        }

        return refused;
    }

    /// <summary>Reads the rules of the configuration anew; those that did not change keep what they have counted. Rules of the API that the
    /// configuration no longer allows go.</summary>
    internal void Reload()
    {
        var options = _options();
        FaultsValidator.Rules(options, _time.GetUtcNow(), out var rules);
        Replace(before =>
        [
            .. before.Where(r => r.Rule.Source == RuleSource.Api
                && RuleParser.Read(r.Rule.Id, r.Rule.Text, RuleSource.Api, options, r.Rule.Created, out _) is not null),
            .. rules.Select(rule => before.FirstOrDefault(r => r.Rule.Id == rule.Id && JsonNode.DeepEquals(r.Rule.Text, rule.Text))
                ?? new RuleState(rule)),
        ]);
    }

    /// <summary>Removes the rules of the API, and lets the others forget what they counted for occurrences and draws.</summary>
    internal void Reset()
    {
        Replace(static before => before.Where(static r => r.Rule.Source == RuleSource.File));
        Forget();
    }

    /// <summary>Says where the fleet counts for the rules of which that is not said yet.</summary>
    internal void Bind(string era, long epoch)
    {
        foreach (var state in _rules.All)
        {
            state.Bind(era, epoch);
        }
    }

    /// <summary>Lets all rules forget what they counted for occurrences and draws.</summary>
    internal void Forget()
    {
        foreach (var state in _rules.All)
        {
            state.Reset();
        }
    }

    /// <summary>Removes rules of the API whose life is over.</summary>
    internal void RemoveOver()
    {
        var now = _time.GetUtcNow();
        if (_rules.All.Any(r => r.Rule.Source == RuleSource.Api && r.Rule.IsOver(now)))
        {
            Replace(rules => rules.Where(r => r.Rule.Source == RuleSource.File || !r.Rule.IsOver(now)));
        }
    }

    /// <summary>Reads rules of the API.</summary>
    /// <param name="texts">By name.</param>
    /// <param name="isNamed">Whether a problem's path begins with the name of its rule.</param>
    /// <param name="errors">What is wrong with them.</param>
    private List<FaultRule> Read(IEnumerable<KeyValuePair<string, JsonObject>> texts, bool isNamed, out List<RuleError> errors)
    {
        (var made, errors) = (new List<FaultRule>(), []);
        foreach (var (id, text) in texts)
        {
            if (RuleParser.Read(id, text, RuleSource.Api, _options(), _time.GetUtcNow(), out var wrong) is { } rule)
            {
                made.Add(rule);
            }

            if (errors.Count >= RuleError.Most)
            {
                break;
            }

            errors.AddRange(isNamed ? wrong.Select(e => e with { Path = FieldReader.Join(id, e.Path).TrimEnd('.') }) : wrong);
        }

        return made;
    }

    /// <summary>A rule that another proxy's caller made, as it can work here; null: it cannot, or is over.</summary>
    private RuleState? Made(string id, SharedRule shared, IReadOnlyList<RuleState> before, List<(string, string)> refused)
    {
        var rule = RuleParser.Read(id, shared.Text, RuleSource.Api, _options(), shared.Created, out var errors);
        if (rule is null)
        {
            refused.Add((id, string.Join("; ", errors.Select(static e => $"{e.Path} {e.Text}".Trim()))));
        }
        else if (before.Any(r => r.Rule.Source == RuleSource.File && r.Rule.Id == id))
        {
            refused.Add((id, "a rule of the configuration has that name"));
        }
        else if (!rule.IsOver(_time.GetUtcNow()))
        {
            var state = new RuleState(rule) { Made = shared.Made };
            state.Bind(shared.Era, 0);
            return state;
        }

        return null;
    }

    /// <summary>Why rules of these names cannot be made by the API; null: they can.</summary>
    private RuleChange? TakenByFile(List<FaultRule> made) =>
        _rules.All.FirstOrDefault(r => r.Rule.Source == RuleSource.File && made.Exists(m => m.Id == r.Rule.Id)) is { } file
            ? new RuleChange(RuleChangeKind.OfFile, _rules.Revision,
                [new RuleError("", $"\"{file.Rule.Id}\" is a rule of the configuration and is changed there; choose another name")])
            : null;

    private void Replace(Func<IReadOnlyList<RuleState>, IEnumerable<RuleState>> change)
    {
        lock (_lock)
        {
            var stamp = _rules.Stamp + 1;
            _rules = new RuleSet(change(_rules.All), stamp, _shared ?? stamp);
        }

        _changed();
    }
}
