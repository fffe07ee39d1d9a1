using System.Text.Json.Nodes;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults;

/// <summary>Changes of the rules: each is whole or not at all.</summary>
public sealed partial class FaultEngine
{
    /// <summary>Reads the rules of the configuration anew; those that did not change keep what they have counted. Rules of the API that the
    /// configuration no longer allows go.</summary>
    public void Reload()
    {
        if (!IsEnabled)
        {
            return;
        }

        FaultsValidator.Rules(Options, _time.GetUtcNow(), out var rules);
        Replace(before =>
        [
            .. before.Where(r => r.Rule.Source == RuleSource.Api
                && RuleParser.Read(r.Rule.Id, r.Rule.Text, RuleSource.Api, Options, r.Rule.Created, out _) is not null),
            .. rules.Select(rule => before.FirstOrDefault(r => r.Rule.Id == rule.Id && JsonNode.DeepEquals(r.Rule.Text, rule.Text)) ?? new RuleState(rule)),
        ]);
    }

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
        var (made, errors) = (new List<FaultRule>(), new List<RuleError>());
        foreach (var (id, text) in texts)
        {
            if (RuleParser.Read(id, text, RuleSource.Api, Options, _time.GetUtcNow(), out var wrong) is { } rule)
            {
                made.Add(rule);
            }

            if (errors.Count >= RuleError.Most)
            {
                break;
            }

            errors.AddRange(keepOthers ? wrong : wrong.Select(e => e with { Path = FieldReader.Join(id, e.Path).TrimEnd('.') }));
        }

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

            if (_rules.All.FirstOrDefault(r => r.Rule.Source == RuleSource.File && made.Exists(m => m.Id == r.Rule.Id)) is { } file)
            {
                return new RuleChange(RuleChangeKind.OfFile, _rules.Revision,
                    [new RuleError("", $"\"{file.Rule.Id}\" is a rule of the configuration and is changed there; choose another name")]);
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
    /// <returns>Whether all of them were there.</returns>
    public RuleChange Delete(IReadOnlyCollection<string> ids, long? revision = null)
    {
        lock (_lock)
        {
            if (revision is { } expected && expected != _rules.Revision)
            {
                return new RuleChange(RuleChangeKind.OtherRevision, _rules.Revision, []);
            }

            var found = _rules.All.Where(r => ids.Contains(r.Rule.Id)).ToArray();
            if (found.FirstOrDefault(static r => r.Rule.Source == RuleSource.File) is { } file)
            {
                return new RuleChange(RuleChangeKind.OfFile, _rules.Revision,
                    [new RuleError("", $"\"{file.Rule.Id}\" is a rule of the configuration; disable it there, or halt all faults")]);
            }

            if (found.Length == 0)
            {
                return new RuleChange(RuleChangeKind.NotThere, _rules.Revision, []);
            }

            Replace(before => before.Where(r => !found.Contains(r)));
            return new RuleChange(RuleChangeKind.Done, _rules.Revision, []);
        }
    }

    /// <summary>Removes the rules of the API, and forgets greylists, limits and what was counted for occurrences and draws. A halt stays.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _ordinals.Clear();
            Replace(static before => before.Where(static r => r.Rule.Source == RuleSource.File));
        }

        foreach (var state in _rules.All)
        {
            state.Reset();
        }
    }
}

/// <summary>What came of a change of the rules.</summary>
public enum RuleChangeKind : byte
{
    /// <summary>It stands.</summary>
    Done,

    /// <summary>A rule cannot work.</summary>
    Refused,

    /// <summary>The rules are at another revision than was asked for.</summary>
    OtherRevision,

    /// <summary>The rule belongs to the configuration.</summary>
    OfFile,

    /// <summary>There is no such rule.</summary>
    NotThere,
}

/// <summary>What came of a change.</summary>
/// <param name="Kind">What.</param>
/// <param name="Revision">The revision of the rules now.</param>
/// <param name="Errors">What is wrong, when it was refused.</param>
public sealed record RuleChange(RuleChangeKind Kind, long Revision, IReadOnlyList<RuleError> Errors);
