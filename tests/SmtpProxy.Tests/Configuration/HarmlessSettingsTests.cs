using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Tests.Configuration;

public sealed class HarmlessSettingsTests
{
    [Theory]
    [InlineData("SmtpProxy:Limits:MaxSessions")]
    [InlineData("SmtpProxy:Faults:Rules:slow:Action:Type")]
    [InlineData("Logging:LogLevel:Default")]
    [InlineData("ReverseProxy:Clusters:relays:Destinations:mx1:Address")]
    [InlineData("ReverseProxy:Clusters:relays:Destinations:mx1:Metadata:Smtp.Tls")]
    [InlineData("ReverseProxy:Clusters:relays:HealthCheck:Active:Interval")]
    [InlineData("Kestrel:Endpoints:Admin:Url")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT")]
    public void Setting_ThatIsKnown_IsShown(string key) => Assert.True(HarmlessSettings.Holds(key));

    /// <summary>No word of these is one that secrets are known by.</summary>
    [Theory]
    [InlineData("SmtpProxy:Admin:BearerToken")]
    [InlineData("ReverseProxy:Routes:grafana:Transforms:0:RequestHeader")]
    [InlineData("ReverseProxy:Routes:grafana:Metadata:ApiKey")]
    [InlineData("ReverseProxy:Clusters:relays:Metadata:Pass")]
    [InlineData("ReverseProxy:Clusters:relays:HealthCheck:Active:Query")]
    [InlineData("ReverseProxy:Clusters:web:HttpRequest:Credentials")]
    [InlineData("Kestrel:Endpoints:Admin:Certificate:Password")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS")]
    [InlineData("OTEL_SOMETHING_NEW")]
    public void Setting_ThatMayBeASecret_IsNot(string key) => Assert.False(HarmlessSettings.Holds(key));

    [Theory]
    [InlineData("https://collector.example:4318", "https://collector.example:4318")]
    [InlineData("https://collector.example:4318/", "https://collector.example:4318/")]
    [InlineData("https://collector.example:4318/v1?key=abc", "https://collector.example:4318/...")]
    [InlineData("https://collector.example/hooks/T0/B0/abc", "https://collector.example/...")]
    [InlineData("https://collector.example?key=abc", "https://collector.example/...")]
    [InlineData("https://me:pass@collector.example/x", "https://********@collector.example/...")]
    [InlineData("smtp://mx.example.org:25", "smtp://mx.example.org:25")]
    [InlineData("/var/log/smtpproxy/journal.jsonl", "/var/log/smtpproxy/journal.jsonl")]
    public void Url_LosesWhatMayBeAKey(string value, string shown) => Assert.Equal(shown, HarmlessSettings.Show("SmtpProxy:Any", value));
}
