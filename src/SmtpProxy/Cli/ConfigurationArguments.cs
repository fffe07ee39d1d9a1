using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Cli;

/// <summary>Takes <c>--Section:Key=value</c> and <c>--Section:Key value</c> out of a command line. What has a colon in its name is
/// configuration, what has none is an option of a command.</summary>
internal sealed class ConfigurationArguments
{
    private ConfigurationArguments(string[] rest, Dictionary<string, string?> values, List<string> problems) =>
        (Rest, Values, Problems) = (rest, values, problems);

    /// <summary>The command line without them.</summary>
    public string[] Rest { get; }

    /// <summary>Keys and values; the last one of a key stands.</summary>
    public IReadOnlyDictionary<string, string?> Values { get; }

    /// <summary>What is wrong, each with the remedy. Values are not repeated: they can be secrets.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>Splits a command line.</summary>
    public static ConfigurationArguments Split(IReadOnlyList<string> args)
    {
        var (rest, values, problems) =
            (new List<string>(), new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase), new List<string>());
        for (var i = 0; i < args.Count; i++)
        {
            if (KeyOf(args[i]) is not { } key)
            {
                rest.Add(args[i]);
                continue;
            }

            var equals = args[i].IndexOf('=');
            var follows = equals < 0 && i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal);
            var value = equals >= 0 ? args[i][(equals + 1)..] : follows ? args[++i] : null;
            var root = key.Split(':')[0];
            if (!Roots.Holds(key))
            {
                problems.Add($"--{key}: {root} is not a section of the configuration; {DidYouMean.Hint(root, Roots.All)}");
            }
            else if (value is null)
            {
                problems.Add($"--{key}: has no value; write --{key}=VALUE");
            }

            values[key] = value;
        }

        return new ConfigurationArguments([.. rest], values, problems);
    }

    private static string? KeyOf(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal))
        {
            return null;
        }

        var name = argument[2..].Split('=', 2)[0];
        return name.Contains(':') ? name : null;
    }
}
