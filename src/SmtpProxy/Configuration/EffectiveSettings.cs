using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Configuration;

/// <summary>The configuration as it stands: every value that was said, with where, and what the rest defaults to. Secrets
/// are named and not shown.</summary>
internal static class EffectiveSettings
{
    /// <summary>All of it, by key.</summary>
    public static IReadOnlyList<ShownSetting> Of(ValidatedConfiguration configuration)
    {
        var (values, origins) = (configuration.Values, configuration.Sources.Origins);
        var said = values.Where(static v => v.Value is not null)
            .Select(v => Shown(v.Key, v.Value!, origins.TryGetValue(v.Key, out var origin) ? origin.Place : "default"));
        var defaults = Defaults(new Settings(), Settings.Section).Where(d => !values.ContainsKey(d.Key))
            .Select(static d => Shown(d.Key, d.Value, "default"));
        return [.. said.Concat(defaults).OrderBy(static s => s.Key, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>A browser shows it to whoever looks over a shoulder: what may be a secret is taken for one.</summary>
    private static ShownSetting Shown(string key, string value, string source) =>
        HarmlessSettings.Holds(key)
            ? new ShownSetting(key, HarmlessSettings.Show(key, value), source, Secret: false)
            : new ShownSetting(key, null, source, Secret: true);

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "All types of the product are kept.")]
    private static IEnumerable<(string Key, string Value)> Defaults(object options, string path) =>
        from property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
        where property.SetMethod is { IsPublic: true }
        let value = property.GetValue(options)
        where value is not (null or IDictionary)
        from shown in value.GetType() is { IsEnum: false, Namespace: { } home } && home.StartsWith("SmtpProxy", StringComparison.Ordinal)
            ? Defaults(value, $"{path}:{property.Name}")
            : [($"{path}:{property.Name}", Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")]
        select shown;
}
