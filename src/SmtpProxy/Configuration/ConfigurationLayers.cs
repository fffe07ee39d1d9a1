using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace SmtpProxy.Configuration;

/// <summary>
/// The sources below the command line, lowest first: <c>appsettings.json</c> beside the program, the one in the working directory,
/// <c>appsettings.ENVIRONMENT.json</c> in both, and environment variables. Later ones win, key by key.
/// </summary>
internal sealed class ConfigurationLayers : IDisposable
{
    private readonly List<PhysicalFileProvider> _folders = [];
    private readonly ConcurrentDictionary<string, string> _broken = new();
    private readonly IConfigurationRoot _root;

    /// <summary>Reads them.</summary>
    /// <param name="folders">Where files are looked for, lowest first.</param>
    /// <param name="environment">The name of the environment, such as Production.</param>
    public ConfigurationLayers(IEnumerable<string> folders, string environment)
    {
        foreach (var folder in folders.Select(Path.GetFullPath).Select(Path.TrimEndingDirectorySeparator).Distinct())
        {
            // Polled, because a mounted ConfigMap changes by a symbolic link, which file events do not show.
            _folders.Add(new PhysicalFileProvider(folder) { UsePollingFileWatcher = true, UseActivePolling = true });
        }

        var builder = new ConfigurationBuilder();
        foreach (var file in new[] { "appsettings.json", $"appsettings.{environment}.json" })
        {
            _folders.ForEach(folder => builder.Add(FileIn(folder, file)));
        }

        _root = builder.AddEnvironmentVariables().Build();
    }

    /// <summary>Files that are not JSON, at this moment.</summary>
    public IReadOnlyList<Problem> Broken => [.. _broken.Select(static b => Problem.At(b.Key, b.Value))];

    /// <summary>Fires once when a file has changed and was read again.</summary>
    public IChangeToken Changed => _root.GetReloadToken();

    /// <summary>All sources laid over each other, flat. Where one says null or <c>{}</c>, what lower ones have there is gone.</summary>
    public Dictionary<string, string?> Flatten(Overrides overrides)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var provider in _root.Providers)
        {
            Lay(provider, null, values);
        }

        foreach (var key in values.Keys.Where(k => overrides.Replaced.Any(section => Roots.IsIn(k, section))).ToArray())
        {
            values.Remove(key);
        }

        foreach (var (key, value) in overrides.Values)
        {
            values[key] = value;
        }

        return values;
    }

    public void Dispose()
    {
        (_root as IDisposable)?.Dispose();
        _folders.ForEach(static f => f.Dispose());
    }

    private static void Lay(IConfigurationProvider provider, string? parent, Dictionary<string, string?> values)
    {
        foreach (var name in provider.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var key = parent is null ? name : $"{parent}:{name}";
            if (!Roots.Holds(key))
            {
                continue;
            }

            if (provider.TryGet(key, out var value))
            {
                Put(key, value, values);
            }

            Lay(provider, key, values);
        }
    }

    private static void Put(string key, string? value, Dictionary<string, string?> values)
    {
        if (value is not null)
        {
            values[key] = value;
            return;
        }

        foreach (var below in values.Keys.Where(k => Roots.IsIn(k, key)).ToArray())
        {
            values.Remove(below);
        }
    }

    private JsonConfigurationSource FileIn(PhysicalFileProvider folder, string name)
    {
        var path = Path.Combine(folder.Root, name);
        return new JsonConfigurationSource
        {
            FileProvider = new Reading(folder, () => _broken.TryRemove(path, out _)),
            Path = name,
            Optional = true,
            ReloadOnChange = true,
            OnLoadException = failure =>
            {
                failure.Ignore = true;
                _broken[path] = $"cannot be read: {Cause(failure.Exception)}";
            },
        };
    }

    private static string Cause(Exception e) => e.InnerException is { } inner ? Cause(inner) : e.Message;

    /// <summary>Forgets that a file was broken when it is about to be read again.</summary>
    private sealed class Reading(IFileProvider files, Action begins) : IFileProvider
    {
        public IDirectoryContents GetDirectoryContents(string subpath) => files.GetDirectoryContents(subpath);

        public IFileInfo GetFileInfo(string subpath)
        {
            begins();
            return files.GetFileInfo(subpath);
        }

        public IChangeToken Watch(string filter) => files.Watch(filter);
    }
}
