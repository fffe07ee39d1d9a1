using System.Text.Json.Nodes;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Rules;

/// <summary>Judges the section <c>SmtpProxy:Faults</c>, and reads the rules in it.</summary>
internal static class FaultsValidator
{
    private const string Section = "SmtpProxy:Faults";
    private static readonly string[] Usual = ["Development", "Staging", "Test"];

    /// <summary>What is wrong, each with the key's full path and the remedy.</summary>
    public static IEnumerable<string> Validate(FaultsOptions options, string environment, DateTimeOffset now)
    {
        var allowed = options.AllowedEnvironments?.Exists() != true ? Usual : FaultsOptions.List(options.AllowedEnvironments);
        if (options.Enabled && !options.AllowUnsafeEnvironment && !allowed.Contains(environment, StringComparer.OrdinalIgnoreCase))
        {
            yield return $"{Section}:Enabled: faults are not allowed in the environment {environment}, only in " +
                $"{string.Join(", ", allowed)}; "
                + $"set DOTNET_ENVIRONMENT to one of these, or {Section}:AllowUnsafeEnvironment to true if breaking mail here is what " +
                    $"you want";
        }

        foreach (var (key, span) in new[]
            { ("MaxTtl", options.MaxTtl), ("MaxDelay", options.MaxDelay), ("UpstreamHoldLimit", options.UpstreamHoldLimit) })
        {
            if (span <= TimeSpan.Zero)
            {
                yield return $"{Section}:{key}: must be above 00:00:00";
            }
        }

        if (options.MaxActiveFaults < 1)
        {
            yield return $"{Section}:MaxActiveFaults: must be at least 1; to have no faults set {Section}:Enabled to false";
        }

        if (options.AutoHaltRatio is not (> 0 and <= 1))
        {
            yield return $"{Section}:AutoHaltRatio: must be above 0 and at most 1; 1 never halts";
        }

        if (options.AutoHaltMinSessions < 1)
        {
            yield return $"{Section}:AutoHaltMinSessions: must be at least 1";
        }

        foreach (var problem in Rules(options, now, out _))
        {
            yield return problem;
        }
    }

    /// <summary>The rules of the section.</summary>
    /// <param name="options">The section.</param>
    /// <param name="now">The time.</param>
    /// <param name="rules">Those that can be used.</param>
    /// <returns>What is wrong with the others.</returns>
    public static IReadOnlyList<string> Rules(FaultsOptions options, DateTimeOffset now, out IReadOnlyList<FaultRule> rules)
    {
        var (problems, good) = (new List<string>(), new List<FaultRule>());
        foreach (var section in options.Rules?.GetChildren() ?? [])
        {
            var path = $"{Section}:Rules:{section.Key}";
            if (ConfigurationTree.Of(section) is not JsonObject text)
            {
                problems.Add($"{path}: is no rule; a rule has members, at least At and Action");
            }
            else if (RuleParser.Read(section.Key, text, RuleSource.File, options, now, out var errors) is { } rule)
            {
                good.Add(rule);
            }
            else
            {
                problems.AddRange(errors.Select(e =>
                    $"{path}{(e.Path.Length == 0 ? "" : ":" + string.Join(':', e.Path.Split('.').Select(Pascal)))}: {e.Text}"));
            }
        }

        rules = good;
        return problems;
    }

    private static string Pascal(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}
