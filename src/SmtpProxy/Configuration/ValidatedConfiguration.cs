using SmtpProxy.Configuration.Rules;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Configuration.Sources;

namespace SmtpProxy.Configuration;

/// <summary>
/// The configuration that everything else reads: all sources laid together, and only ever in a state that was found good. A change that is
/// not good changes nothing, so no reader has to guard itself against half of one.
/// </summary>
internal sealed class ValidatedConfiguration : ConfigurationProvider, IConfigurationSource, IDisposable
{
    private readonly ConfigurationLayers _layers;
    private readonly Lock _reloading = new();
    private bool _isRefused;

    /// <summary>Reads the configuration.</summary>
    /// <param name="layers">The sources; disposed with this.</param>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public ValidatedConfiguration(ConfigurationLayers layers)
    {
        _layers = layers;
        lock (_reloading)
        {
            // Before the first reading, so that no change falls between.
            layers.Changed += Reload;
            var problems = Read([], maySink: true, out var laid, out var settings);
            if (problems.Count > 0)
            {
                layers.Changed -= Reload;
                layers.Dispose();
                throw new ConfigurationException(problems);
            }

            Data = laid.Values;
            Sources = laid;
            Current = settings;
        }
    }

    /// <summary>A changed configuration was applied; the keys that changed.</summary>
    public event Action<IReadOnlyCollection<string>>? Applied;

    /// <summary>Everybody has taken the changed configuration: now it may be said that it applies. No keys: what was refused is gone, and
    /// nothing has changed.</summary>
    public event Action<IReadOnlyCollection<string>>? Settled;

    /// <summary>A changed configuration cannot be used, and the last good one stays.</summary>
    public event Action<IReadOnlyList<Problem>>? Refused;

    /// <summary>The settings as they are now.</summary>
    public Settings Current { get; private set; }

    /// <summary>Where they come from.</summary>
    public LaidSettings Sources { get; private set; }

    /// <summary>Every setting that has a value, flat.</summary>
    public IReadOnlyDictionary<string, string?> Values => Sources.Values;

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public void Dispose()
    {
        _layers.Changed -= Reload;
        _layers.Dispose();
    }

    private void Reload()
    {
        // The first reading may not be over yet.
        lock (_reloading)
        {
            ReloadOne();
        }
    }

    private void ReloadOne()
    {
        IReadOnlyList<Problem> problems;
        try
        {
            // Once there are relays, the sink never takes their place.
            problems = Read(Sources.Files, Sources.SinkStandsIn, out var laid, out var settings);
            if (problems.Count == 0)
            {
                Apply(laid, settings);
                return;
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever it was that nobody thought of: what runs goes on, and somebody hears of it.
            problems = [Problem.At(Settings.Section, $"the configuration cannot be read or applied: {e.Message}")];
        }

        _isRefused = true;
        Refused?.Invoke(problems);
    }

    private void Apply(LaidSettings laid, Settings settings)
    {
        var changed = Differences(Data, laid.Values);
        var before = (Data, Sources, Current);
        (Data, Sources, Current) = (laid.Values, laid, settings);
        try
        {
            if (changed.Count > 0)
            {
                OnReload();
                Applied?.Invoke(changed);
            }
        }
        catch
        {
            // Everybody goes back, also those who had taken it already.
            (Data, Sources, Current) = before;
            OnReload();
            throw;
        }

        if (changed.Count > 0 || _isRefused)
        {
            _isRefused = false;
            Settled?.Invoke(changed);
        }
    }

    private IReadOnlyList<Problem> Read(IReadOnlyCollection<string> required, bool maySink, out LaidSettings laid, out Settings settings)
    {
        laid = _layers.Read(required);
        laid = laid with { SinkStandsIn = ProgramDefaults.Complete(laid.Values, maySink) };
        settings = SettingsReader.Read(laid.Values, out var problems);

        // What is open already stays as it is: that its place has changed since is no reason to refuse everything else.
        if (Current?.Journal.Path != settings.Journal.Path)
        {
            problems = [.. problems, .. JournalPlace.Check(settings.Journal)];
        }

        // A file that cannot be read makes everything it says seem missing: that would only be noise.
        return laid.Unreadable is { Count: > 0 } unreadable ? unreadable : [.. laid.Misnamed, .. problems.Select(laid.Locate)];
    }

    private static List<string> Differences(IDictionary<string, string?> before, Dictionary<string, string?> after) =>
    [
        .. before.Keys.Union(after.Keys, StringComparer.OrdinalIgnoreCase)
            .Where(key => !before.TryGetValue(key, out var old) || !after.TryGetValue(key, out var now) || old != now),
    ];
}
