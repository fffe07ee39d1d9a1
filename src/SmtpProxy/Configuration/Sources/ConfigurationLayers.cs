using System.Collections;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Configuration.Sources;

/// <summary>
/// The sources, lowest first: <c>appsettings.json</c> beside the program, the one in the working directory,
/// <c>appsettings.ENVIRONMENT.json</c> in both, files that the command line names, environment variables, and what the command line
/// says. Later ones win, key by key.
/// </summary>
internal sealed class ConfigurationLayers : IDisposable
{
    private readonly List<FoundFile> _files = [];
    private readonly FileWatch _watch;
    private readonly Overrides _overrides;
    private readonly IReadOnlyList<Setting> _variables;
    private readonly IReadOnlyList<Problem> _wrongVariables;

    /// <summary>Begins to watch files, and reads the environment, once.</summary>
    /// <param name="folders">Where files are looked for, lowest first.</param>
    /// <param name="environment">The name of the environment, such as Production.</param>
    /// <param name="overrides">What the command line says.</param>
    /// <param name="variables">Environment variables.</param>
    public ConfigurationLayers(IEnumerable<string> folders, string environment, Overrides overrides, IDictionary variables)
    {
        _overrides = overrides;
        _variables = SettingsEnvironment.Read(variables, out _wrongVariables);
        var places = folders.Select(Path.GetFullPath).Select(Path.TrimEndingDirectorySeparator).Distinct().ToArray();
        var named = overrides.Files.Select(Path.GetFullPath).ToArray();
        var found = new[] { "appsettings.json", $"appsettings.{environment}.json" }.SelectMany(file =>
            places.Select(folder => Path.Combine(folder, file)));

        // A file that is found and named counts where it is named.
        _files.AddRange(found.Except(named).Select(path => new FoundFile(path, IsNamed: false)));
        _files.AddRange(named.Distinct().Select(path => new FoundFile(path, IsNamed: true)));
        _watch = new FileWatch([.. _files.Select(static f => f.Path)], () => Changed?.Invoke());
    }

    /// <summary>A file has changed, come or gone. Raised on a thread of the pool.</summary>
    public event Action? Changed;

    /// <summary>Reads the files anew and lays everything together. Where a source says null or <c>{}</c>, what lower
    /// ones have there is gone.</summary>
    /// <param name="required">Files that must be there, because what runs now was read from them.</param>
    public LaidSettings Read(IReadOnlyCollection<string> required)
    {
        var (values, origins) = (new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase),
            new Dictionary<string, SettingOrigin>(StringComparer.OrdinalIgnoreCase));
        var (files, ignored, unreadable, misnamed) = (new List<string>(), new List<string>(), new List<Problem>(), new List<Problem>());
        foreach (var file in _files)
        {
            if (Read(file, required.Contains(file.Path), unreadable) is { } settings)
            {
                files.Add(file.Path);
                Lay(Ours(settings, ignored, misnamed), values, origins);
            }
        }

        misnamed.AddRange(_wrongVariables);
        Lay(_variables, values, origins);
        foreach (var key in values.Keys.Where(k => _overrides.Replaced.Any(section => Roots.IsIn(k, section))).ToArray())
        {
            Remove(key, values, origins);
        }

        foreach (var (key, value) in _overrides.Values)
        {
            (values[key], origins[key]) = (value, SettingOrigin.CommandLine);
        }

        return new LaidSettings(values, origins, files, ignored, unreadable, misnamed);
    }

    public void Dispose() => _watch.Dispose();

    /// <summary>What a file says; null when it is not there, or cannot be read.</summary>
    private static IReadOnlyList<Setting>? Read(FoundFile file, bool isRequired, List<Problem> unreadable)
    {
        if (file.Read(out var problem) is { } octets)
        {
            var settings = SettingsFile.Read(file.Path, octets, out var wrong);
            unreadable.AddRange(wrong);
            return wrong.Count == 0 ? settings : null;
        }

        problem ??= isRequired ? "is gone; put it back ({} says nothing), or restart to do without it"
            : file.IsNamed ? "there is no such file; name one that exists"
            : null;
        if (problem is not null)
        {
            unreadable.Add(Problem.At(file.Path, problem));
        }

        return null;
    }

    /// <summary>Leaves out what is somebody else's, and puts what is written wrongly where it was meant to be.</summary>
    private static IEnumerable<Setting> Ours(IReadOnlyList<Setting> settings, List<string> ignored, List<Problem> misnamed)
    {
        // Each wrong section is told once, however much it holds.
        var told = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in settings)
        {
            if (Roots.Holds(setting.Key))
            {
                yield return setting;
                continue;
            }

            var wrong = SectionNames.Judge(setting.Key, out var meant);
            var root = setting.Key.Split(':')[0];
            if (told.Add(root))
            {
                if (wrong is null)
                {
                    ignored.Add($"{root} {setting.Origin.Where}");
                }
                else
                {
                    misnamed.Add(new Problem(root, $"{wrong} {setting.Origin}"));
                }
            }

            if (meant is not null)
            {
                yield return setting with { Key = meant };
            }
        }
    }

    private static void Lay(IEnumerable<Setting> settings, Dictionary<string, string?> values, Dictionary<string, SettingOrigin> origins)
    {
        foreach (var (key, value, origin) in settings)
        {
            if (value is not null)
            {
                (values[key], origins[key]) = (value, origin);
                continue;
            }

            foreach (var below in values.Keys.Where(k => Roots.IsIn(k, key)).ToArray())
            {
                Remove(below, values, origins);
            }
        }
    }

    private static void Remove(string key, Dictionary<string, string?> values, Dictionary<string, SettingOrigin> origins)
    {
        values.Remove(key);
        origins.Remove(key);
    }
}
