using Microsoft.Extensions.Configuration;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Tests.Upstreams;

public sealed class UpstreamsValidatorTests
{
    private const string Clusters = "ReverseProxy:Clusters:";
    private const string Relays = Clusters + "relays:";

    [Fact]
    public void Validate_RelaysAndAnHttpRoute_FindsNothing() => Assert.Empty(Validate());

    [Theory]
    [InlineData(Relays + "Destinations:a:Address", "10.0.0.1:25", ": \"10.0.0.1:25\" is not an SMTP address; write smtp://10.0.0.1:25")]
    [InlineData(Relays + "Destinations:a:Address", "http://mx", ": \"http://mx\" has the scheme http")]
    [InlineData(Relays + "Destinations:b:Addres", "smtp://mx", " is not a known setting; Addres?")]
    [InlineData(Relays + "Destinations:b:Host", "mx", ": means something for http:// destinations only; remove it")]
    [InlineData(Relays + "Destination:b", "smtp://mx", "Destination is not a known setting; Destination?", Relays + "Destination")]
    [InlineData(Relays + "ClusterId", "x", " is not a known setting; ClusterId?")]
    [InlineData("ReverseProxy:Cluster:x", "y", "Cluster is not a known setting; Cluster?", "ReverseProxy:Cluster")]
    [InlineData(Relays + "HealthCheck:Passive:ReactivationPeriods", "00:00:10", " is not a known setting; ReactivationPeriods?")]
    [InlineData(Relays + "HealthCheck:Passive:ReactivationPeriod", "10", ": \"10\" is not a time span; write hours:minutes:seconds")]
    [InlineData(Relays + "HealthCheck:Passive:ReactivationPeriod", "00:00:00",
        ": \"00:00:00\" is not above 00:00:00 and at most 1.00:00:00; write such as 00:00:15")]
    [InlineData(Relays + "HealthCheck:Passive:ReactivationPeriod", "10675199.00:00:00", "is not above 00:00:00 and at most 1.00:00:00")]
    [InlineData(Relays + "HealthCheck:Active:Interval", "50.00:00:00", "is not above 00:00:00 and at most 1.00:00:00")]
    [InlineData(Relays + "HealthCheck:Active:Timeout", "-00:00:01", "is not above 00:00:00 and at most 1.00:00:00")]
    [InlineData(Relays + "Destinations::Address", "smtp://mx",
        ": a destination needs a name; write ReverseProxy:Clusters:relays:Destinations:NAME:Address", Relays + "Destinations:")]
    [InlineData(Clusters + "pages:Destinations::Address", "http://127.0.0.1:3001/", ": a destination needs a name",
        Clusters + "pages:Destinations:")]
    [InlineData(Relays + "HealthCheck:Passive:Enabled", "yes", ": \"yes\" is neither true nor false")]
    [InlineData(Relays + "HealthCheck:Passive:Policy", "TransportFailureRate", "judges by HTTP requests; write SmtpFailures")]
    [InlineData(Relays + "HealthCheck:Active:Path", "/health",
        ": means something for http:// destinations only; remove it (how far a probe goes: " +
            "ReverseProxy:Clusters:relays:Metadata:Smtp.Probe)")]
    [InlineData(Relays + "HealthCheck:Active:Policy", "Often", ": \"Often\" is not a policy; write ConsecutiveFailures")]
    [InlineData(Relays + "Metadata:ConsecutiveFailuresHealthPolicy.Threshold", "none",
        ": \"none\" is not a number of failed probes in a row")]
    [InlineData(Relays + "Metadata:Smtp.Probe", "Mail", ": \"Mail\" is not one of Greeting, Ehlo, StartTls")]
    [InlineData(Relays + "Metadata:Smtp.Protocol", "esmtp", ": \"esmtp\" is not one of Smtp, Lmtp")]
    [InlineData(Relays + "Metadata:Smtp.ProxyProtocol", "v3", ": \"v3\" is not one of None, V1, V2")]
    [InlineData(Relays + "Destinations:a:Metadata:Smtp.XClient", "1", ": \"1\" is neither true nor false")]
    [InlineData(Relays + "Metadata:Smtp.Transparent", "always", ": \"always\" is neither true (Linux only) nor false")]
    [InlineData(Relays + "Metadata:Smtp.Tls", "Always", ": \"Always\" is not one of AsClient, None, Opportunistic, Required, Implicit")]
    [InlineData(Relays + "Metadata:Smtp.TlsVerify", "no", ": \"no\" is not one of Full, None")]
    [InlineData(Relays + "Destinations:a:Metadata:Smtp.TlsCa", "/nowhere.pem",
        ": \"/nowhere.pem\" is no PEM file with certificates that can be read")]
    [InlineData(Relays + "Metadata:Smtp.TlsPins", "sha256:0123",
        ": \"sha256:0123\" is no list of SHA-256 fingerprints; write 64 hexadecimal digits each")]
    [InlineData(Relays + "Metadata:Smtp.TlsServerName", "my relay", ": \"my relay\" is no name of a server")]
    [InlineData(Relays + "Metadata:Smtp.TlsMinimumVersion", "1.2", ": \"1.2\" is not one of Tls12, Tls13")]
    [InlineData(Relays + "Metadata:Smtp.TlsVersion", "Tls13", " is not a known setting")]
    [InlineData(Relays + "Metadata:Smtp.Prob", "Ehlo", " is not a known setting; Smtp.Prob?")]
    [InlineData(Relays + "Metadata:Smtp.Name", "my host", ": \"my host\" is no name for EHLO")]
    [InlineData(Relays + "Metadata:Smtp.Backup", "true", ": is a setting of one relay; write it in the Metadata of a destination")]
    [InlineData(Relays + "Destinations:a:Metadata:Smtp.Backup", "yes", ": \"yes\" is neither true nor false")]
    [InlineData(Relays + "HealthCheck:AvailableDestinationsPolicy", "Healthy", ": \"Healthy\" is not a policy; Healthy?")]
    [InlineData(Relays + "LoadBalancingPolicy", "RoundRobbin", ": \"RoundRobbin\" is not a policy; RoundRobbin?")]
    [InlineData(Relays + "Metadata:SmtpFailures.Threshold", "0", ": \"0\" is not a number of failures in a row")]
    [InlineData(Relays + "SessionAffinity:Enabled", "true", ": means something for http:// destinations only", Relays + "SessionAffinity")]
    [InlineData(Relays + "Destinations:b:Address", "smtp://127.0.0.1:2525",
        ": smtp://127.0.0.1:2525 is this proxy's own listener 'inbound'")]
    [InlineData("ReverseProxy:Routes:grafana:ClusterId", "relays", ": the cluster 'relays' holds SMTP relays")]
    [InlineData("ReverseProxy:Routes:grafana:ClusterId", "page", ": there is no cluster 'page' in ReverseProxy:Clusters; page?")]
    [InlineData("ReverseProxy:Routes:other:Order", "1", ": missing; name the cluster", "ReverseProxy:Routes:other:ClusterId")]
    [InlineData("ReverseProxy:Routes:grafana:Order", "first", ": \"first\" is not a whole number")]
    [InlineData("ReverseProxy:Routes:grafana:Match:Pth", "/", " is not a known setting; Pth?")]
    [InlineData("ReverseProxy:Routes:grafana:Match:Path", "/{", "grafana", "ReverseProxy:Routes:grafana")]
    [InlineData("ReverseProxy:Routes:grafana:Transforms:0:PathRemovPrefix", "/grafana", "grafana", "ReverseProxy:Routes:grafana")]
    [InlineData(Clusters + "pages:HttpRequest:Version", "two", ": \"two\" is not a version")]
    [InlineData(Clusters + "pages:HttpClient:SslProtocols:0", "Tls99", ": \"Tls99\" is not one of")]
    public void Validate_AWrongSetting_IsToldWithItsKeyAndTheRemedy(string key, string value, string expected, string? named = null)
    {
        var errors = Validate((key, value));
        Assert.Contains(errors, e => e.StartsWith(named ?? key, StringComparison.Ordinal)
            && e.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Clusters + "pages:HealthCheck:Active:Enabled", "true")]
    [InlineData(Clusters + "pages:HttpClient:SslProtocols:0", "Tls13")]
    [InlineData(Clusters + "pages:HttpRequest:Version", "2")]
    [InlineData(Clusters + "pages:SessionAffinity:AffinityKeyName", "key")]
    [InlineData("ReverseProxy:Routes:grafana:Transforms:0:PathRemovePrefix", "/grafana")]
    [InlineData("ReverseProxy:Routes:grafana:Match:Methods:0", "GET")]
    [InlineData(Relays + "Metadata:SmtpFailures.Threshold", "5")]
    [InlineData(Relays + "loadbalancingpolicy", "firstalphabetical")]
    [InlineData(Relays + "HealthCheck:Passive:Policy", "SmtpFailures")]
    [InlineData(Relays + "HealthCheck:Active:Enabled", "true")]
    [InlineData(Relays + "LoadBalancingPolicy", "ClientAddress")]
    [InlineData(Relays + "Metadata:smtp.probe", "starttls")]
    [InlineData(Relays + "Destinations:a:Metadata:Smtp.Backup", "true")]
    [InlineData(Relays + "HealthCheck:Passive:ReactivationPeriod", "00:01:00")]
    [InlineData(Relays + "Destinations:b:Address", "smtp://127.0.0.1:2526")]
    [InlineData("SmtpProxy:Listeners:transparent:Transparent", "true")]
    public void Validate_ARightSetting_FindsNothing(string key, string value) => Assert.Empty(Validate((key, value)));

    [Theory]
    [InlineData("Smtp.TlsCa", "Smtp.TlsPins", ": stands beside Smtp.TlsCa", "Smtp.TlsPins")]
    [InlineData("Smtp.TlsPins", "Smtp.TlsVerify", ": \"None\" looks at no certificate, and Smtp.TlsPins says which are good ones",
        "Smtp.TlsVerify")]
    public void Validate_TrustThatContradictsItself_IsRefused(string one, string other, string expected, string named)
    {
        static string ValueOf(string key) =>
            key switch { "Smtp.TlsPins" => new string('a', 64), "Smtp.TlsVerify" => "None", _ => "/ca.pem" };
        var errors = Validate((Relays + "Metadata:" + one, ValueOf(one)), (Relays + "Metadata:" + other, ValueOf(other)));
        Assert.Contains(errors, e => e.StartsWith($"{Relays}Metadata:{named}{expected}", StringComparison.Ordinal));
    }

    /// <summary>YARP judges passive checks where they are on, and relays have them on unless their cluster says otherwise.</summary>
    [Fact]
    public void DryRun_WhatIsWrongOnlyWithWhatRelaysGet_IsFound()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            [Relays + "Destinations:a:Address"] = "smtp://mx.example",
            [Relays + "HealthCheck:Passive:ReactivationPeriod"] = "00:00:00",
        }).Build();
        Assert.Contains("must be positive", Assert.Single(DryRun.Check(configuration)), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_AListenersClusterWithoutRelays_SaysHowToWriteOne() =>
        Assert.Contains(
            Validate(("SmtpProxy:Listeners:other:Cluster", "empty"), (Clusters + "empty:LoadBalancingPolicy", "Random")),
            static e =>
                e.StartsWith(
                    "ReverseProxy:Clusters:empty:Destinations: the cluster has no relay; write " +
                        "ReverseProxy:Clusters:empty:Destinations:NAME:Address=smtp://", StringComparison.Ordinal));

    private static string[] Validate(params (string Key, string? Value)[] changes)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["SmtpProxy:Listeners:inbound:Address"] = "0.0.0.0:2525",
            ["SmtpProxy:Listeners:inbound:Cluster"] = "relays",
            [Relays + "Destinations:a:Address"] = "smtp://mx.example",
            [Clusters + "pages:Destinations:grafana:Address"] = "http://127.0.0.1:3000/",
            ["ReverseProxy:Routes:grafana:ClusterId"] = "pages",
            ["ReverseProxy:Routes:grafana:Match:Path"] = "/grafana/{**rest}",
        };
        foreach (var (key, value) in changes.Where(static c => c.Value is not null))
        {
            values[key] = value;
        }

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        return [.. UpstreamsValidator.Validate(configuration, static (unknown, _) => unknown + "?")];
    }
}
