using SmtpProxy.Admin;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Faults.Rules;
using SmtpProxy.Fleet;
using SmtpProxy.Telemetry.Export;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Configuration.Rules;

/// <summary>Reads the settings out of a configuration and finds everything that is wrong with it, at once.</summary>
internal static class SettingsReader
{
    /// <summary>Reads and validates.</summary>
    /// <param name="values">The configuration, flat.</param>
    /// <param name="problems">What is wrong; empty when the settings can be used.</param>
    public static Settings Read(IReadOnlyDictionary<string, string?> values, out IReadOnlyList<Problem> problems)
    {
        var configuration = Build(values);
        var unusable = KnownSettings.Check(configuration.GetSection(Settings.Section), typeof(Settings), Settings.Section).ToArray();

        // What cannot be read is left out, so that the rest can be judged too.
        var readable = unusable.Length == 0 ? configuration : Build(values.Where(v => !unusable.Any(p => Roots.IsIn(v.Key, p.Key))));
        var settings = readable.GetSection(Settings.Section).Get<Settings>() ?? new Settings();
        Problem[] all = [.. unusable, .. Judge(settings, configuration).Where(j => !unusable.Any(u => Roots.IsIn(j.Key, u.Key)))];

        // Where Adress is not known, nobody needs to hear that Address is missing.
        problems = [.. all.Where(p => !Array.Exists(all, other => p.Key.Equals(other.Meant, StringComparison.OrdinalIgnoreCase)))];
        return settings;
    }

    private static IEnumerable<Problem> Judge(Settings settings, IConfiguration configuration) =>
    [
        .. ListenerRules.Check(settings, [.. configuration.GetSection(Roots.Clusters).GetChildren().Select(static c => c.Key)],
            AdminRules.Addresses(configuration.GetSection(Roots.Http))),
        .. SinkRules.Check(settings, configuration.GetSection(Roots.Clusters)),
        .. LimitRules.Check(settings.Limits).Select(Problem.From),
        .. settings.Sink.Validate().Select(Problem.From),
        .. settings.Privacy.Validate().Select(Problem.From),
        .. settings.Journal.Validate().Select(Problem.From),
        .. settings.Telemetry.Validate().Select(Problem.From),
        .. settings.Live.Validate().Select(Problem.From),
        .. settings.Fleet.Validate().Concat(FleetReadingRules.Beside(settings.Fleet,
            configuration.GetSection(AdminOptions.Section)[nameof(AdminOptions.BearerToken)])).Select(Problem.From),
        .. OtlpSignal.Check(configuration).Concat(StandardSampler.Check(configuration)).Select(Problem.From),
        .. FaultsValidator.Validate(settings.Faults, ProcessEnvironment.Name, TimeProvider.System.GetUtcNow()).Select(Problem.From),
        .. UpstreamsValidator.Validate(configuration, DidYouMean.Hint).Select(Problem.From),
        .. JudgeServer(configuration),
        .. KnownSettings.Check(configuration.GetSection(Roots.Log), typeof(LogSettings), Roots.Log),
    ];

    private static IEnumerable<Problem> JudgeServer(IConfiguration configuration)
    {
        // Of a URL that cannot be listened on, nobody asks who could reach it.
        var server = AdminRules.Check(configuration.GetSection(Roots.Http)).ToArray();
        return server.Concat(AdminValidator.Validate(configuration).Select(Problem.From)
            .Where(p => !Array.Exists(server, s => s.Key == p.Key)));
    }

    private static IConfigurationRoot Build(IEnumerable<KeyValuePair<string, string?>> values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values).Build();
}
