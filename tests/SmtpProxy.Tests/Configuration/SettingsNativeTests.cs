using System.Reflection;
using Microsoft.Extensions.Configuration;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Tests.Configuration;

/// <summary>Native code has no reflection that binds: the compiler writes what does, and where a setting has a property, public or not,
/// whose type it cannot make, what it writes does not compile. This says which.</summary>
public sealed class SettingsNativeTests
{
    [Fact]
    public void Settings_EachProperty_CanBeBoundByWhatTheCompilerWrites()
    {
        List<string> strange = [];
        HashSet<Type> seen = [];
        Look(typeof(Settings), seen, strange);
        Look(typeof(ServerSettings), seen, strange);
        Assert.True(strange.Count == 0, string.Join('\n', strange));
        Assert.True(seen.Count > 15, $"only {seen.Count} types were found");
    }

    [Fact]
    public void Look_AtATypeWithoutAConstructor_TellsOfIt()
    {
        List<string> strange = [];
        Look(typeof(Bad), [], strange);
        Assert.Equal(["Bad.Places: System.Net.EndPoint cannot be made"], strange);
    }

    private static void Look(Type type, HashSet<Type> seen, List<string> strange)
    {
        if (!seen.Add(type))
        {
            return;
        }

        // What is protected it does not look at.
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .Where(static p => p.GetMethod is { IsPublic: true } or { IsAssembly: true }))
        {
            foreach (var part in PartsOf(property.PropertyType).Where(static part => !IsScalar(part)))
            {
                if (part.GetConstructor(Type.EmptyTypes) is null)
                {
                    strange.Add($"{type.Name}.{property.Name}: {part} cannot be made");
                    continue;
                }

                Look(part, seen, strange);
            }
        }
    }

    /// <summary>What a property is made of: of a list its elements, of a dictionary what it holds by name.</summary>
    private static IEnumerable<Type> PartsOf(Type type) =>
        type.IsArray ? PartsOf(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(PartsOf)
        : [type];

    private static bool IsScalar(Type type) => type.IsValueType || type == typeof(string) || type == typeof(Uri)
        || type == typeof(IConfigurationSection);

    private sealed class Bad
    {
        public string Name { get; set; } = "";

        internal IReadOnlyList<System.Net.EndPoint> Places { get; } = [];
    }
}
