using System.Collections;
using System.Text.RegularExpressions;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Configuration.Sources;

/// <summary>
/// Reads settings out of environment variables: <c>__</c> stands for each colon. The environment is shared with others, so a variable that
/// is none of ours is left alone; one that was surely meant for us and is written wrongly is a problem.
/// </summary>
internal static partial class SettingsEnvironment
{
    private static readonly string[] HostPrefixes = ["ASPNETCORE_", "DOTNET_"];

    /// <summary>Reads them.</summary>
    /// <param name="variables">Names and values.</param>
    /// <param name="problems">Those that are written wrongly, each with the name and the remedy; no value is repeated.</param>
    public static IReadOnlyList<Setting> Read(IDictionary variables, out IReadOnlyList<Problem> problems)
    {
        var (settings, wrong, names) =
            (new List<Setting>(), new List<Problem>(), new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase));
        foreach (var (name, value) in variables.Cast<DictionaryEntry>().Select(static v => ((string)v.Key, (string?)v.Value))
            .OrderBy(static v => v.Item1, StringComparer.Ordinal))
        {
            var key = name.Replace("__", ":", StringComparison.Ordinal);
            if (KeyOf(name, key, wrong) is not { } meant)
            {
                continue;
            }

            if (!names.TryAdd(meant, name))
            {
                wrong.Add(Problem.At(name,
                    $"is the same setting as the variable {names[meant]}: capitals do not count; remove one of them"));
            }

            settings.Add(new Setting(meant, value, SettingOrigin.Variable(name)));
        }

        problems = wrong;
        return settings;
    }

    /// <summary>The key that a variable says, or was meant to say; null when it is none of ours.</summary>
    private static string? KeyOf(string name, string key, List<Problem> wrong)
    {
        if (Roots.Holds(key))
        {
            // A plain SMTPPROXY=1 says nothing about the section of this name.
            return key.Contains(':') || !Roots.All.Contains(key, StringComparer.OrdinalIgnoreCase) ? key : null;
        }

        if (OfKubernetes().IsMatch(name))
        {
            return null;
        }

        if (OwnVariables.Meant(name) is { } own)
        {
            wrong.Add(Problem.At(name, $"is not read; did you mean {own}?"));
            return null;
        }

        if (Meant(name, key) is not { } meant)
        {
            return null;
        }

        wrong.Add(Problem.At(name, $"is not read; did you mean {meant.Replace(":", "__", StringComparison.Ordinal)}?"));
        return meant;
    }

    private static string? Meant(string name, string key)
    {
        if (HostPrefixes.FirstOrDefault(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase)) is { } prefix)
        {
            return key[prefix.Length..] is var own && own.Contains(':') && Roots.Holds(own) ? own : null;
        }

        var parts = key.Split(':');
        if (parts.Length > 1 && SectionNames.Misspelt(parts[0], strictly: true) is { } root)
        {
            return string.Join(':', [root, .. parts[1..]]);
        }

        // One underscore where there should be two.
        var words = key.Split(['_', ':'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 2 && Roots.All.FirstOrDefault(r => r.Equals(words[0], StringComparison.OrdinalIgnoreCase)) is { } section
            && SectionNames.IsBelow(words[1], section)
            ? string.Join(':', [section, .. words[1..]])
            : null;
    }

    /// <summary>What Kubernetes and Docker put into the environment of a pod for each Service, whatever the Service is called.</summary>
    [GeneratedRegex("^[A-Z0-9_]+_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex OfKubernetes();
}
