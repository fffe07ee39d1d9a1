using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using Yarp.ReverseProxy.Configuration;

namespace SmtpProxy.Upstreams;

/// <summary>Holds clusters and routes against the types that YARP reads them into: it passes over keys that it does not know.</summary>
/// <param name="hint">Ends a sentence that refuses a name: given it and all that are known.</param>
internal sealed class YarpKeys(Func<string, IReadOnlyCollection<string>, string> hint)
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Known = new();

    /// <summary>What is wrong in a section that becomes this type.</summary>
    public IEnumerable<string> Check(IConfigurationSection section, Type type, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var isList = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>);
        var isMap = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>);
        // Flags are written as a list of names.
        var isFlags = type.IsEnum && type.IsDefined(typeof(FlagsAttribute));
        if (isList || isMap || (isFlags && section.Value is null))
        {
            return section.GetChildren().SelectMany(child =>
                Check(child, isFlags ? type : type.GetGenericArguments()[^1], $"{path}:{child.Key}"));
        }

        if (type.IsValueType || type == typeof(string) || type == typeof(Uri) || type == typeof(Version))
        {
            return CheckValue(section, type, path);
        }

        var properties = Properties(type);
        return CheckNames(section, path, [.. properties.Select(static p => p.Name)])
            .Concat(from child in section.GetChildren()
                    from property in properties
                    where property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)
                    from error in Check(child, property.PropertyType, $"{path}:{property.Name}")
                    select error);
    }

    /// <summary>The keys of a section that are not among those known.</summary>
    public IEnumerable<string> CheckNames(IConfigurationSection section, string path, IReadOnlyCollection<string> known) =>
        from child in section.GetChildren()
        where !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)
        select $"{path}:{child.Key} is not a known setting; {hint(child.Key, known)}";

    private static IEnumerable<string> CheckValue(IConfigurationSection section, Type type, string path)
    {
        if (section.GetChildren().FirstOrDefault() is { } child)
        {
            yield return $"{path}:{child.Key} is not a known setting; {path} takes one value";
        }
        else if (section.Value is { } text && Error(text, type) is { } error)
        {
            yield return $"{path}: \"{text}\" {error}";
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only numbers are converted.")]
    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "Only numbers are converted.")]
    private static string? Error(string text, Type type) =>
        type == typeof(TimeSpan) ? text.Contains(':') && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out _)
            ? null
            : "is not a time span; write hours:minutes:seconds, such as 00:00:10"
        : type == typeof(bool) ? bool.TryParse(text, out _) ? null : "is neither true nor false"
        : type.IsEnum ? Enum.TryParse(type, text, ignoreCase: true, out _)
        ? null : $"is not one of {string.Join(", ", Enum.GetNames(type))}"
        : type == typeof(Version) ? Version.TryParse(text.Contains('.') ? text : text + ".0", out _) ? null : "is not a version, such as 2"
        : type == typeof(string) || type == typeof(Uri) || long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
            && TypeDescriptor.GetConverter(type).IsValid(text) ? null
        : "is not a whole number, or too large a one";

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "All types of YARP are kept.")]
    private static PropertyInfo[] Properties(Type type) => Known.GetOrAdd(type, static t =>
    [
        .. t.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is { IsPublic: true }
            // The key of the section is the id.
            && !(t == typeof(ClusterConfig) && p.Name == nameof(ClusterConfig.ClusterId))
            && !(t == typeof(RouteConfig) && p.Name == nameof(RouteConfig.RouteId))),
    ]);
}
