using System.Collections;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;

namespace SmtpProxy.Configuration.Schema;

/// <summary>
/// Holds a configuration section against the type that it is bound to: every key must be one of the type's settable properties, every value
/// must convert. The types are the only list of what is known. Values never appear in messages about keys, and not at all for secrets.
/// </summary>
internal static class KnownSettings
{
    /// <summary>What is wrong in the section, each with the key's full path and the remedy.</summary>
    public static IEnumerable<Problem> Check(IConfigurationSection section, Type type, string path) => CheckValue(section, type, path);

    /// <summary>The names of the settings of an options type.</summary>
    public static IReadOnlyCollection<string> Of(Type type) => [.. Properties(type).Select(static p => p.Name)];

    private static IEnumerable<Problem> CheckValue(IConfigurationSection section, Type type, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(IConfigurationSection))
        {
            // Its own reader judges it.
            return [];
        }

        if (IsScalar(type))
        {
            return CheckScalar(section, type, path);
        }

        if (section.Value is { Length: > 0 })
        {
            return [Problem.At(path, $"has settings of its own and takes no value; write {path}:NAME")];
        }

        return typeof(IDictionary).IsAssignableFrom(type)
            ? section.GetChildren().SelectMany(entry => CheckValue(entry, type.GetGenericArguments()[1], $"{path}:{entry.Key}"))
            : section.GetChildren().SelectMany(child => CheckKey(child, type, path));
    }

    private static IEnumerable<Problem> CheckKey(IConfigurationSection child, Type type, string path)
    {
        var property = Properties(type).FirstOrDefault(p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
        return property is null
            ? [Problem.From($"{path}:{child.Key} is not a known setting; {DidYouMean.Hint(child.Key, Of(type))}")]
            : CheckValue(child, property.PropertyType, $"{path}:{property.Name}");
    }

    private static IEnumerable<Problem> CheckScalar(IConfigurationSection section, Type type, string path)
    {
        if (section.GetChildren().FirstOrDefault() is { } child)
        {
            yield return new($"{path}:{child.Key}", $"{path}:{child.Key} is not a known setting; {path} takes one value");
        }
        else if (section.Value is { } text && !Converts(text, type))
        {
            var shown = Secrets.IsSecret(path) ? "the value" : $"\"{text}\"";
            yield return Problem.At(path, $"{shown} {Remedy(type)}");
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only numbers, truths and the like are converted.")]
    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "Only numbers, truths and the like are converted.")]
    private static bool Converts(string text, Type type)
    {
        // A lone number would be taken for that many days.
        if (type == typeof(TimeSpan))
        {
            return text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _);
        }

        if (type.IsEnum)
        {
            return Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase);
        }

        // The converter takes 0x10 as well, and what binds settings does not.
        if ((type == typeof(int) || type == typeof(long))
            && !long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _))
        {
            return false;
        }

        try
        {
            return type == typeof(string) || TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text) is not null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    private static string Remedy(Type type) =>
        type == typeof(TimeSpan) ? "is not a time span; write hours:minutes:seconds, such as 00:05:00"
        : type == typeof(bool) ? "is neither true nor false"
        : type.IsEnum ? $"is not one of {string.Join(", ", Enum.GetNames(type))}"
        : type == typeof(int) || type == typeof(long) ? "is not a whole number, or too large a one; write digits only, such as 1000"
        : type == typeof(double) ? "is not a number; write it with a point, such as 0.5"
        : $"is not a {type.Name}";

    private static bool IsScalar(Type type) => type.IsValueType || type == typeof(string) || type == typeof(Uri);

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "All types of the product and of Kestrel are kept.")]
    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.SetMethod is { IsPublic: true });
}
