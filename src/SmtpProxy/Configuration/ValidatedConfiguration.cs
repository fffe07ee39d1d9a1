using Microsoft.Extensions.Primitives;

namespace SmtpProxy.Configuration;

/// <summary>
/// The configuration that everything else reads: all sources laid together, and only ever in a state that was found good. A change that is not
/// good changes nothing, so no reader has to guard itself against half of one.
/// </summary>
internal sealed class ValidatedConfiguration : ConfigurationProvider, IConfigurationSource, IDisposable
{
    private readonly ConfigurationLayers _layers;
    private readonly Overrides _overrides;
    private readonly IDisposable _subscription;
    private readonly Lock _reloading = new();
    private bool _maySink = true;

    /// <summary>Reads the configuration.</summary>
    /// <param name="layers">The sources; disposed with this.</param>
    /// <param name="overrides">What the command line says.</param>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public ValidatedConfiguration(ConfigurationLayers layers, Overrides overrides)
    {
        _layers = layers;
        _overrides = overrides;
        var problems = Read(out var values, out var settings, out var isSink);
        if (problems.Count > 0)
        {
            layers.Dispose();
            throw new ConfigurationException(problems);
        }

        Data = values;
        Current = settings;
        _maySink = isSink;
        _subscription = ChangeToken.OnChange(() => _layers.Changed, Reload);
    }

    /// <summary>A changed configuration was applied; the keys that changed.</summary>
    public event Action<IReadOnlyCollection<string>>? Applied;

    /// <summary>Everybody has taken the changed configuration: now it may be said that it applies.</summary>
    public event Action<IReadOnlyCollection<string>>? Settled;

    /// <summary>A changed configuration cannot be used, and the last good one stays.</summary>
    public event Action<IReadOnlyList<Problem>>? Refused;

    /// <summary>The settings as they are now.</summary>
    public Settings Current { get; private set; }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public void Dispose()
    {
        _subscription.Dispose();
        _layers.Dispose();
    }

    private void Reload()
    {
        // Two files can change at once, each on a thread of its own.
        lock (_reloading)
        {
            ReloadOne();
        }
    }

    private void ReloadOne()
    {
        var problems = Read(out var values, out var settings, out var isSink);
        if (problems.Count > 0)
        {
            Refused?.Invoke(problems);
            return;
        }

        // Once there are relays, the sink never takes their place.
        _maySink = isSink;
        var changed = Differences(Data, values);
        if (changed.Count > 0)
        {
            Data = values;
            Current = settings;
            OnReload();
            Applied?.Invoke(changed);
            Settled?.Invoke(changed);
        }
    }

    private IReadOnlyList<Problem> Read(out Dictionary<string, string?> values, out Settings settings, out bool isSink)
    {
        values = _layers.Flatten(_overrides);
        isSink = ProgramDefaults.Complete(values, _maySink);
        settings = SettingsReader.Read(values, out var problems);

        // A file that cannot be read makes everything it says seem missing: that would only be noise.
        return _layers.Broken is { Count: > 0 } broken ? broken : problems;
    }

    private static List<string> Differences(IDictionary<string, string?> before, Dictionary<string, string?> after) =>
    [
        .. before.Keys.Union(after.Keys, StringComparer.OrdinalIgnoreCase)
            .Where(key => !before.TryGetValue(key, out var old) || !after.TryGetValue(key, out var now) || old != now),
    ];
}
