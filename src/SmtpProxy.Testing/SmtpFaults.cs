using System.Globalization;
using System.Text.Json.Nodes;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Presets;

namespace SmtpProxy.Testing;

/// <summary>The faults of a proxy: nothing is broken until something is armed.</summary>
public sealed class SmtpFaults
{
    private const string Life = "1.00:00:00";
    private readonly FaultEngine _engine;
    private int _armed;

    internal SmtpFaults(FaultEngine engine) => _engine = engine;

    /// <summary>Whether all faults are halted.</summary>
    public bool AreHalted => _engine.IsHalted;

    /// <summary>Arms a fault: it strikes from the next command on.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="name">Its name in <see cref="SmtpStrike.Rule"/>; null: one is given.</param>
    /// <returns>What disarms it when it is disposed of.</returns>
    /// <exception cref="ArgumentException">It cannot work; the message says why.</exception>
    public ArmedFault Arm(SmtpFault fault, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var rule = fault.ToRule();
        rule["ttl"] = Life;
        return Arm([KeyValuePair.Create(name ?? $"fault-{Number()}", rule)], nameof(fault));
    }

    /// <summary>Arms a preset, such as <c>greylist</c> or <c>ack-lost</c> (docs/faults.md has all of them).</summary>
    /// <param name="preset">Its name.</param>
    /// <param name="scale">Multiplies its times: at 0.001 five minutes are 0.3 seconds.</param>
    /// <returns>What disarms it when it is disposed of.</returns>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public ArmedFault ArmPreset(string preset, double scale = 1)
    {
        var found = PresetCatalogue.Find(preset)
            ?? throw new ArgumentException($"there is no preset {preset}; docs/faults.md has the names", nameof(preset));
        var errors = new List<SmtpProxy.Faults.Model.RuleError>();
        var rules = PresetRun.Rules(found, new PresetStart(Life, null, null, scale), errors);
        return errors.Count > 0 ? throw Refused(errors, nameof(scale)) : Arm(rules, nameof(preset));
    }

    /// <summary>Lets nothing strike any more, and what is held go on, until <see cref="Resume"/>.</summary>
    public void Halt() => _engine.Switch.Halt("a test said so", "test");

    /// <summary>Lets faults strike again.</summary>
    public void Resume() => _engine.Switch.Resume();

    /// <summary>Disarms everything, and forgets what greylists and limits remember.</summary>
    public void Clear() => _engine.Reset();

    private ArmedFault Arm(IReadOnlyList<KeyValuePair<string, JsonObject>> rules, string parameter)
    {
        var change = _engine.Rules.PutAll(rules, null, keepOthers: true);
        return change.Kind == RuleChangeKind.Done ? new ArmedFault(_engine, [.. rules.Select(static r => r.Key)])
            : throw Refused(change.Errors, parameter);
    }

    private static ArgumentException Refused(IEnumerable<SmtpProxy.Faults.Model.RuleError> errors, string parameter) =>
        new(string.Join("; ", errors.Select(static e => $"{e.Path} {e.Text}".Trim())), parameter);

    private string Number() => Interlocked.Increment(ref _armed).ToString(CultureInfo.InvariantCulture);
}

/// <summary>A fault that is armed, until it is disposed of or all faults are cleared.</summary>
public sealed class ArmedFault : IDisposable
{
    private readonly FaultEngine _engine;
    private readonly RuleState[] _states;

    internal ArmedFault(FaultEngine engine, IReadOnlyCollection<string> names) =>
        (_engine, _states) = (engine, [.. engine.Rules.Current.All.Where(state => names.Contains(state.Rule.Id))]);

    /// <summary>How often it has struck.</summary>
    public int Strikes => (int)_states.Sum(static state => state.Hits);

    /// <summary>Disarms it.</summary>
    public void Dispose() => _engine.Rules.Delete([.. _states.Select(static state => state.Rule.Id)]);
}
