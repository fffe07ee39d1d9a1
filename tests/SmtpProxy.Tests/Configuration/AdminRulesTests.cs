using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using SmtpProxy.Configuration.Rules;

namespace SmtpProxy.Tests.Configuration;

public sealed class AdminRulesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smtpproxy-").FullName;
    private int _made;

    [Theory]
    [InlineData("http://127.0.0.1:9025")]
    [InlineData("http://127.0.0.1:9025/")]
    [InlineData("http://[::1]:9025")]
    [InlineData("http://localhost:9025")]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://*:9025")]
    [InlineData("http://+:9025")]
    [InlineData("HTTP://0.0.0.0:80")]
    public void Check_AUrlThatCanBeListenedOn_IsNoProblem(string url) => Assert.Empty(Check(("Endpoints:Admin:Url", url)));

    [Theory]
    [InlineData("here", "'here' is not http://ADDRESS:PORT or https://ADDRESS:PORT; write a URL such as http://127.0.0.1:9025")]
    [InlineData("ftp://127.0.0.1:1", "'ftp://127.0.0.1:1' is not http://")]
    [InlineData("http://127.0.0.1:99999", "'http://127.0.0.1:99999' is not http://")]
    [InlineData("http://unix:/run/x.sock", "'http://unix:/run/x.sock' has a name, and would be listened on at every address")]
    [InlineData("http://127.0.0.1:9025/admin",
        "'http://127.0.0.1:9025/admin' has more than an address and a port; write http://127.0.0.1:9025")]
    [InlineData("http://127.0.0.1:9025?a=b", "has more than an address and a port; write http://127.0.0.1:9025")]
    [InlineData("http://me:hunter2@127.0.0.1:9025",
        "'http://********@127.0.0.1:9025' has more than an address and a port; write http://127.0.0.1:9025")]
    [InlineData("http://mx.example.org:9025", "'http://mx.example.org:9025' has a name, and would be listened on at every address")]
    [InlineData("http://localhost:0", "would be two free ports, one for IPv4 and one for IPv6; write http://127.0.0.1:0")]
    [InlineData("", "missing; write where it listens, such as http://127.0.0.1:9025")]
    public void Check_AUrlThatCannotWork_SaysWhatToWrite(string url, string problem)
    {
        var text = Assert.Single(Check(("Endpoints:Admin:Url", url)));
        Assert.StartsWith("Kestrel:Endpoints:Admin:Url: ", text, StringComparison.Ordinal);
        Assert.Contains(problem, text, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Limits:MaxConcurrentConnections", "5", "Kestrel:Limits is not read: the bounds of the HTTP side are fixed; remove it")]
    [InlineData("AddServerHeader", "false",
        "Kestrel:AddServerHeader is not a known setting; known here: Endpoints, EndpointDefaults, Certificates")]
    [InlineData("Endpoint:Admin:Url", "x", "Kestrel:Endpoint is not a known setting; did you mean Endpoints?")]
    [InlineData("Endpoints:Admin:Ulr", "x", "Kestrel:Endpoints:Admin:Ulr is not a known setting; did you mean Url?")]
    [InlineData("Endpoints:Admin:Protocols", "Http3",
        "Kestrel:Endpoints:Admin:Protocols: \"Http3\" is not one of Http1, Http2, Http1AndHttp2")]
    [InlineData("EndpointDefaults:SslProtocols:0", "Tls11",
        "Kestrel:EndpointDefaults:SslProtocols:0: \"Tls11\" is not one of Tls12, Tls13")]
    [InlineData("EndpointDefaults:SslProtocols", "Tls12", "Kestrel:EndpointDefaults:SslProtocols: has settings of its own")]
    [InlineData("Endpoints:Admin:Sni:x:Protocols", "Http1", "Kestrel:Endpoints:Admin:Sni is not read: certificates come from files")]
    [InlineData("Certificates:Default:Subject", "x",
        "Kestrel:Certificates:Default:Subject is not read: certificates come from files; write Certificate:Path and Certificate:KeyPath")]
    [InlineData("Certificates:Development:Password", "x", "Kestrel:Certificates:Development is not a known setting; known here: Default")]
    [InlineData("Endpoints:Admin:SslProtocols:0", "Tls13", "Kestrel:Endpoints:Admin:SslProtocols: means something with https only")]
    [InlineData("Endpoints:Admin:Certificate:Path", "/x", "Kestrel:Endpoints:Admin:Certificate: means something with https only")]
    [InlineData("Endpoints:B:Protocols", "Http1", "Kestrel:Endpoints:B:Url: missing; write where it listens")]
    public void Check_ASettingThatWouldDoNothing_IsRefused(string key, string value, string problem) =>
        Assert.StartsWith(problem, Assert.Single(Check(("Endpoints:Admin:Url", "http://127.0.0.1:9025"), (key, value))),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("Endpoints:Admin:Protocols", "Http1AndHttp2")]
    [InlineData("EndpointDefaults:Protocols", "http1")]
    [InlineData("EndpointDefaults:SslProtocols:0", "Tls13")]
    [InlineData("EndpointDefaults:ClientCertificateMode", "RequireCertificate")]
    [InlineData("Endpoints:Second:Url", "http://127.0.0.1:9026")]
    public void Check_ASettingThatTheServerReads_IsNoProblem(string key, string value) =>
        Assert.Empty(Check(("Endpoints:Admin:Url", "http://127.0.0.1:9025"), (key, value)));

    [Fact]
    public void Check_HttpsWithoutACertificate_NamesTheSettingThatIsMissing() =>
        Assert.StartsWith(
            "Kestrel:Endpoints:Admin:Certificate:Path: missing: https://127.0.0.1:9025 needs a certificate; write the full paths",
            Assert.Single(Check(("Endpoints:Admin:Url", "https://127.0.0.1:9025"))), StringComparison.Ordinal);

    [Fact]
    public void Check_HttpsWithACertificate_OfItsOwnOrForAll_IsNoProblem()
    {
        var (certificate, key) = Pem();
        Assert.Empty(Check(("Endpoints:Admin:Url", "https://127.0.0.1:9025"), ("Endpoints:Admin:Certificate:Path", certificate),
            ("Endpoints:Admin:Certificate:KeyPath", key)));
        Assert.Empty(Check(("Endpoints:Admin:Url", "https://127.0.0.1:9025"), ("Certificates:Default:Path", certificate),
            ("Certificates:Default:KeyPath", key)));
    }

    [Fact]
    public void Check_ACertificateThatCannotBeUsed_NamesTheSettingAndTheFile()
    {
        var (certificate, key) = Pem();
        var missing = Path.Combine(_folder, "none.pem");
        Assert.Equal($"Kestrel:Endpoints:Admin:Certificate:Path: there is no file {missing}; write where it is",
            Https(("Path", missing), ("KeyPath", key)));
        Assert.StartsWith($"Kestrel:Endpoints:Admin:Certificate:KeyPath: missing: {certificate} is a PEM file",
            Https(("Path", certificate)), StringComparison.Ordinal);
        Assert.StartsWith("Kestrel:Endpoints:Admin:Certificate:Path: 'a.pem' is no full path; write /",
            Https(("Path", "a.pem"), ("KeyPath", key)), StringComparison.Ordinal);
        var other = Pem().Key;
        Assert.StartsWith($"Kestrel:Endpoints:Admin:Certificate:KeyPath: {other} holds a private key that is not the certificate's",
            Https(("Path", certificate), ("KeyPath", other)), StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_EveryFormOfAUrl_IsToldForCollisions()
    {
        var server = Section(("Endpoints:A:Url", "http://*:1"), ("Endpoints:B:Url", "https://localhost:2"),
            ("Endpoints:C:Url", "http://[::1]:3"), ("Endpoints:D:Url", "http://mx:4"));
        Assert.Equal(["[::]:1", "127.0.0.1:2", "[::1]:3"], AdminRules.Addresses(server).Select(static a => a.Address.ToString()));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Https(params (string Key, string Value)[] certificate) =>
        Assert.Single(Check([("Endpoints:Admin:Url", "https://127.0.0.1:9025"),
            .. certificate.Select(static c => ($"Endpoints:Admin:Certificate:{c.Key}", c.Value))]));

    private static IEnumerable<string> Check(params (string Key, string Value)[] settings) =>
        AdminRules.Check(Section(settings)).Select(static p => p.Text);

    private static IConfigurationSection Section(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create($"Kestrel:{s.Key}", (string?)s.Value))).Build()
            .GetSection("Kestrel");

    private (string Certificate, string Key) Pem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var (first, second) = (Path.Combine(_folder, $"{++_made}.pem"), Path.Combine(_folder, $"{_made}.key"));
        File.WriteAllText(first, certificate.ExportCertificatePem());
        File.WriteAllText(second, key.ExportPkcs8PrivateKeyPem());
        return (first, second);
    }
}
