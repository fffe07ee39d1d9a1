using System.Text.RegularExpressions;

namespace SmtpProxy.Configuration.Schema;

/// <summary>Tells which settings can hold no secret, by names that are known. Everything else is taken for one: of other programs'
/// sections, such as an HTTP route's
/// transforms or an exporter's headers, nobody here knows what stands in them.</summary>
internal static partial class HarmlessSettings
{
    private const string Rest = "...";

    /// <summary>Whether a value of this key may be shown.</summary>
    public static bool Holds(string key) => !Secrets.IsSecret(key)
        && (Roots.IsIn(key, Settings.Section) || Roots.IsIn(key, Roots.Log)
            || OfRelays().IsMatch(key) || OfHttp().IsMatch(key) || OfTelemetry().IsMatch(key));

    /// <summary>It as it may be shown: of URLs scheme, host and port, since a password, a path and a query can each be a key to what they
    /// lead to.</summary>
    public static string Show(string key, string value) => Url().Replace(Secrets.Show(key, value), static url =>
        url.Groups["rest"].Value is "" or "/" ? url.Value : $"{url.Groups["origin"].Value}/{Rest}");

    [GeneratedRegex(@"(?<origin>\w[\w+.-]*://[^/?#\s]*)(?<rest>[/?#]\S*)?", RegexOptions.CultureInvariant)]
    private static partial Regex Url();

    [GeneratedRegex(@"^ReverseProxy:(Clusters:[^:]+:(ClusterId|LoadBalancingPolicy|HealthCheck:AvailableDestinationsPolicy
        |HealthCheck:(Active|Passive):(Enabled|Interval|Timeout|Policy|ReactivationPeriod)
        |Destinations:[^:]+:(Address|Host|Health)|(Destinations:[^:]+:)?Metadata:Smtp\.\w+)
        |Routes:[^:]+:(ClusterId|Order|Match:(Path|(Methods|Hosts):\d+)))$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex OfRelays();

    [GeneratedRegex(@"^Kestrel:(Endpoints:[^:]+:(Url|Protocols|ClientCertificateMode|SslProtocols(:\d+)?
        |Certificate:(Path|KeyPath|Subject|Store|Location|AllowInvalid))
        |Certificates:[^:]+:(Path|KeyPath|Subject|Store|Location|AllowInvalid)|Limits:\w+)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex OfHttp();

    [GeneratedRegex(@"^OTEL_(SDK_DISABLED|SERVICE_NAME|PROPAGATORS|(METRICS|TRACES|LOGS)_EXPORTER|TRACES_SAMPLER(_ARG)?
        |BSP_\w+|METRIC_EXPORT_\w+
        |EXPORTER_OTLP_((METRICS|TRACES|LOGS)_)?(ENDPOINT|PROTOCOL|TIMEOUT|COMPRESSION))$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex OfTelemetry();
}
