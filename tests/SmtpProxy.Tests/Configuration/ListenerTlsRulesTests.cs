using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmtpProxy.Configuration.Rules;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.Tests.Configuration;

/// <summary>What is refused of a listener's TLS, and of files that are named there.</summary>
public sealed class ListenerTlsRulesTests : IDisposable
{
    private const string Key = "SmtpProxy:Listeners:in:Tls";
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("StartTls")]
    [InlineData("Implicit")]
    public void Certificate_WithItsKey_IsRight(string mode)
    {
        var good = _made.Good();
        Assert.Empty(Problems(mode, ("Certificates:0:Certificate", good.Certificate), ("Certificates:0:Key", good.Key)));
        Assert.Empty(Problems(mode, ("Certificates:mx:Certificate", good.Both)));
        Assert.Empty(Problems(mode, ("Certificates:mx:Certificate", good.Both), ("MinimumVersion", "Tls13"),
            ("ClientCertificate", "Optional"), ("ClientCa", _made.Ca)));
    }

    [Fact]
    public void Certificate_ThatExpired_IsTold_ButNotRefused() =>
        Assert.Empty(Problems("StartTls", ("Certificates:0:Certificate", _made.Expired().Both), ("Require", "true")));

    [Fact]
    public void Certificate_InAnEncryptedFile_NeedsItsPassword()
    {
        var good = _made.Good();
        using var whole = good.Load();
        var key = _made.Write("encrypted.key",
            whole.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("sesame",
                new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10)));
        var pfx = Path.Combine(_made.Path, "all.pfx");
        File.WriteAllBytes(pfx, whole.Export(X509ContentType.Pkcs12, "sesame"));
        Assert.Empty(Problems("StartTls", ("Certificates:0:Certificate", good.Certificate), ("Certificates:0:Key", key),
            ("Certificates:0:Password", "sesame")));
        Assert.Empty(Problems("StartTls", ("Certificates:0:Pfx", pfx), ("Certificates:0:Password", "sesame")));
        foreach (var wrong in (string[])["", "simsalabim"])
        {
            AssertProblem("Certificates:0:Key", "",
                Problems("StartTls", ("Certificates:0:Certificate", good.Certificate), ("Certificates:0:Key", key),
                    ("Certificates:0:Password", wrong)));
            var problems = Problems("StartTls", ("Certificates:0:Pfx", pfx), ("Certificates:0:Password", wrong));
            AssertProblem("Certificates:0:Pfx", "", problems);
            Assert.DoesNotContain("simsalabim", problems[0].Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Files_ThatAreWrong_AreToldWithTheirKey()
    {
        var (good, other) = (_made.Good(), _made.Good());
        var empty = _made.Write("empty.pem", "");
        var broken = _made.Write("broken.pem", "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n");
        AssertProblem("Certificates:0:Certificate", "there is no file /nowhere.pem; write where it is",
            Problems("StartTls", ("Certificates:0:Certificate", "/nowhere.pem")));
        AssertProblem("Certificates:0:Certificate", $"{empty} holds no certificate",
            Problems("StartTls", ("Certificates:0:Certificate", empty)));
        AssertProblem("Certificates:0:Certificate", $"{broken} cannot be used",
            Problems("StartTls", ("Certificates:0:Certificate", broken)));
        AssertProblem("Certificates:0:Certificate", $"{good.Certificate} holds no private key",
            Problems("StartTls", ("Certificates:0:Certificate", good.Certificate)));
        AssertProblem("Certificates:0:Key", $"{empty} holds no private key",
            Problems("StartTls", ("Certificates:0:Certificate", good.Certificate), ("Certificates:0:Key", empty)));
        AssertProblem("Certificates:0:Key", "there is no file /nowhere.key",
            Problems("StartTls", ("Certificates:0:Certificate", good.Certificate), ("Certificates:0:Key", "/nowhere.key")));
        AssertProblem("Certificates:0:Key", $"{other.Key} holds a private key that is not the certificate's",
            Problems("StartTls", ("Certificates:0:Certificate", good.Certificate), ("Certificates:0:Key", other.Key)));
        AssertProblem("Certificates:0:Pfx", "stands beside Certificate",
            Problems("StartTls", ("Certificates:0:Certificate", good.Certificate), ("Certificates:0:Pfx", good.Key)));
        AssertProblem("Certificates:0:Pfx", $"{good.Key} cannot be used", Problems("StartTls", ("Certificates:0:Pfx", good.Key)));
        AssertProblem("ClientCa", "there is no file /nowhere.pem",
            Problems("StartTls", ("Certificates:0:Certificate", good.Both), ("ClientCertificate", "Required"),
                ("ClientCa", "/nowhere.pem")));
    }

    [Theory]
    [InlineData("StartTls", "", "", "Certificates", "there is none; write SmtpProxy:Listeners:in:Tls:Certificates:0:Certificate")]
    [InlineData("StartTls", "ClientCertificate", "Required", "ClientCa", "missing")]
    [InlineData("Implicit", "ClientCa", "/ca.pem", "ClientCa", "means something with SmtpProxy:Listeners:in:Tls:ClientCertificate")]
    [InlineData("Implicit", "Require", "true", "Require", "means something with SmtpProxy:Listeners:in:Tls:Mode=StartTls only")]
    [InlineData("Passthrough", "Require", "true", "Require", "means something only where the proxy terminates TLS")]
    [InlineData("Passthrough", "Certificates:0:Certificate", "/cert.pem", "Certificates",
        "means something only where the proxy terminates TLS")]
    [InlineData("None", "MinimumVersion", "Tls13", "MinimumVersion", "means something only where the proxy terminates TLS")]
    [InlineData("StartTls", "MinimumVersion", "Tls11", "MinimumVersion", "\"Tls11\" is not one of Tls12, Tls13")]
    [InlineData("Both", "", "", "Mode", "\"Both\" is not one of Passthrough, StartTls, Implicit, None")]
    [InlineData("StartTls", "Certificates:0:Cert", "/c", "Certificates:0:Cert", "is not a known setting")]
    public void Settings_ThatCannotBe_AreToldWithTheirKeyAndTheRemedy(string mode, string setting, string value, string named,
        string problem) =>
        AssertProblem(named, problem, Problems(mode, setting.Length > 0 ? [(setting, value)] : []));

    [Fact]
    public void Certificates_InTheirOrder_AreRead()
    {
        var good = _made.Good();
        var settings = SettingsReader.Read(
            Values("StartTls", ("Certificates:1:Certificate", good.Both), ("Certificates:0:Certificate", _made.For("first.example").Both),
                ("Certificates:10:Certificate", good.Both)), out var problems);
        Assert.Empty(problems);
        using var certificates = Tests.Tls.Handshake.Load(settings.Listeners["in"].Tls);
        Assert.Equal(["first.example"], certificates.For("in")!.Certificates[0].Names);
        Assert.Equal(["localhost", "127.0.0.1", "::1"], certificates.For("in")!.Certificates[1].Names);
        Assert.Equal("ECDSA 256", certificates.For("in")!.Certificates[0].KeyType);
    }

    [Theory]
    [InlineData("None", "Passthrough", true)]
    [InlineData("Opportunistic", "Passthrough", true)]
    [InlineData("Required", "Passthrough", true)]
    [InlineData("AsClient", "Passthrough", false)]
    [InlineData("Implicit", "Passthrough", false)]
    [InlineData("Required", "None", false)]
    [InlineData("Required", "StartTls", false)]
    public void RelayTls_WhereTlsPassesThrough_IsRefusedWhereItCannotBe(string relay, string listener, bool refused)
    {
        var values = Values(listener, listener == "StartTls" ? [("Certificates:0:Certificate", _made.Good().Both)] : []);
        values["ReverseProxy:Clusters:relays:Metadata:Smtp.Tls"] = relay;
        _ = SettingsReader.Read(values, out var problems);
        Assert.Equal(refused
            ? [$"ReverseProxy:Clusters:relays:Metadata:Smtp.Tls: \"{relay}\" cannot be, as SmtpProxy:Listeners:in passes TLS through " +
                $"untouched; "
            + "write SmtpProxy:Listeners:in:Tls:Mode=StartTls or Implicit (with a certificate), or None (clients are offered no TLS), " +
                "or remove it"] : [], problems.Select(static p => p.Text));
    }

    private static void AssertProblem(string setting, string text, IReadOnlyList<Problem> problems)
    {
        var problem = Assert.Single(problems, p => p.Key == $"{Key}:{setting}");
        Assert.StartsWith($"{Key}:{setting}", problem.Text, StringComparison.Ordinal);
        Assert.Contains(text, problem.Text, StringComparison.Ordinal);
    }

    private static IReadOnlyList<Problem> Problems(string mode, params (string Key, string Value)[] settings)
    {
        _ = SettingsReader.Read(Values(mode, settings), out var problems);
        return problems;
    }

    private static Dictionary<string, string?> Values(string mode, params (string Key, string Value)[] settings) => new(
        settings.Select(static s => KeyValuePair.Create($"{Key}:{s.Key}", (string?)s.Value)), StringComparer.OrdinalIgnoreCase)
    {
        [$"{Key}:Mode"] = mode,
        ["SmtpProxy:Listeners:in:Address"] = "127.0.0.1:2587",
        ["SmtpProxy:Listeners:in:Cluster"] = "relays",
        ["Kestrel:Endpoints:Admin:Url"] = "http://127.0.0.1:9025",
        ["ReverseProxy:Clusters:relays:Destinations:a:Address"] = "smtp://192.0.2.1:25",
    };
}
