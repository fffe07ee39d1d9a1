using System.Text.Json;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Cli.Output;

/// <summary>What <c>check --json</c> prints. Shows no secret.</summary>
internal static class CheckJson
{
    private static readonly CheckAnswerJson Shape = new(new JsonSerializerOptions(Json.Lines) { WriteIndented = true });

    /// <summary>A configuration that can be used.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="asked">What its relays answered; null: they were not asked.</param>
    public static string Of(ValidatedConfiguration configuration, IReadOnlyList<RelayAnswer>? asked)
    {
        var (settings, all) = (configuration.Current, new ConfigurationBuilder().Add(configuration).Build());
        return JsonSerializer.Serialize(
            new CheckAnswer(
                Good: true,
                Problems: [],
                Environment: ConfigurationSetup.EnvironmentName,
                Listeners: settings.Listeners.Select(l => new CheckedListener(
                    Name: l.Key,
                    Address: l.Value.Address,
                    Cluster: l.Value.Cluster,
                    Tls: l.Value.Tls.Mode.ToString(),
                    Certificates: l.Value.Tls.Certificates.Select(static c => CertificateOf(c.Key, c.Value)),
                    Relays: all.GetSection($"{Roots.Clusters}:{l.Value.Cluster}:Destinations").GetChildren()
                        .Select(static d => new CheckedAddress(d.Key, d["Address"])))),
                Sink: settings.Sink.Enabled ? settings.Sink.Address : null,
                Http: all.GetSection($"{Roots.Http}:Endpoints").GetChildren()
                    .Select(static e => new CheckedUrl(e.Key, e["Url"] is { } url ? Secrets.WithoutPassword(url) : null)),
                Journal: settings.Journal.IsOn ? settings.Journal.Path : null,
                Addresses: settings.Privacy.Addresses,
                Transport: settings.Transport.ToString(),
                Warnings: Summary.Notices(configuration),
                Relays: asked?.Select(static a => new CheckedRelay(
                    a.Cluster, a.Destination, a.Address, a.Serves, a.Outcome?.Failure, a.Outcome?.Took, a.Outcome?.Greeting,
                    a.Outcome?.Capabilities, a.Outcome?.Tls, a.Outcome?.CertificateExpires, a.TrustsHost, a.LacksXClient)),
                Settings: EffectiveSettings.Of(configuration),
                Files: configuration.Sources.Files,
                Ignored: configuration.Sources.Ignored),
            Shape.CheckAnswer);
    }

    /// <summary>A configuration that cannot.</summary>
    /// <param name="problems">What is wrong, each with its key and the remedy.</param>
    public static string Wrong(IEnumerable<string> problems) =>
        JsonSerializer.Serialize(new CheckRefusal(Good: false, problems), Shape.CheckRefusal);

    private static CheckedCertificate CertificateOf(string name, CertificateFiles files) =>
        CertificateLoader.TryLoad(files, out var certificate) is null
        ? new CheckedCertificate(name, certificate!.Names, certificate.NotAfter)
        : new CheckedCertificate(name, [], null);
}
