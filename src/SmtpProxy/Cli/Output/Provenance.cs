using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Cli.Output;

/// <summary>Where the configuration comes from, for people to read: the files, and each setting with its source. Shows no secret.</summary>
internal static class Provenance
{
    /// <summary>The lines.</summary>
    public static IEnumerable<string> Of(ValidatedConfiguration configuration)
    {
        var (values, sources) = (configuration.Values, configuration.Sources);
        yield return "";
        var by = ProcessEnvironment.IsImplied ? "--faults" : "DOTNET_ENVIRONMENT";
        yield return "Settings, and where each was set; everything else has its default. "
            + $"Environment {ConfigurationSetup.EnvironmentName} ({by}).";
        foreach (var (key, value) in values.OrderBy(static v => v.Key, StringComparer.OrdinalIgnoreCase))
        {
            var from = sources.Origins.TryGetValue(key, out var origin) ? origin.Where : "by the program, as nothing else is set";
            yield return $"  {key} = {Secrets.Show(key, value ?? "")}   {from}";
        }

        foreach (var file in sources.Files)
        {
            yield return $"read      {file}";
        }

        foreach (var section in sources.Ignored)
        {
            yield return $"ignored   {section}: nothing here reads that section";
        }
    }
}
