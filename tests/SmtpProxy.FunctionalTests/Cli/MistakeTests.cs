using System.Net;
using System.Runtime.Versioning;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Cli;

/// <summary>What people write wrongly, and what they are told: by <c>check</c> and at the start alike, one
/// line each, with the remedy.</summary>
public sealed class MistakeTests
{
    [Theory]
    [InlineData("SmtpPorxy__Limits__Drain=00:00:01", "SmtpPorxy__Limits__Drain: is not read; did you mean SmtpProxy__Limits__Drain?")]
    [InlineData("SmtpProxy_Limits_Drain=00:00:01", "SmtpProxy_Limits_Drain: is not read; did you mean SmtpProxy__Limits__Drain?")]
    [InlineData("SmtpProxy__Listners__x__Address=127.0.0.1:1",
        "SmtpProxy:Listners is not a known setting; did you mean Listeners? (set by the environment variable " +
            "SmtpProxy__Listners__x__Address)")]
    [InlineData("SmtpProxy__Listeners__inbound__Adress=127.0.0.1:1",
        "SmtpProxy:Listeners:inbound:Adress is not a known setting; did you mean Address? (set by the environment variable " +
            "SmtpProxy__Listeners__inbound__Adress)")]
    [InlineData("ReverseProxi__Clusters__relays__Destinations__mx__Address=smtp://127.0.0.1:1",
        "ReverseProxi__Clusters__relays__Destinations__mx__Address: is not read; did you mean " +
            "ReverseProxy__Clusters__relays__Destinations__mx__Address?")]
    [InlineData("Kestrel__Limits__MaxConcurrentConnections=5",
        "Kestrel:Limits is not read: the bounds of the HTTP side are fixed; remove it (set by the environment variable " +
            "Kestrel__Limits__MaxConcurrentConnections)")]
    [InlineData("Kestrel__Endpoints__Admin__Url=http://127.0.0.1:9025/admin",
        "Kestrel:Endpoints:Admin:Url: 'http://127.0.0.1:9025/admin' has more than an address and a port; write http://127.0.0.1:9025 " +
            "(set by the environment variable Kestrel__Endpoints__Admin__Url)")]
    [InlineData("Kestrel__Endpoints__Second__Url=http://127.0.0.1:9025",
        "Kestrel:Endpoints:Second:Url: 127.0.0.1:9025 is taken by Kestrel:Endpoints:Admin:Url; give one of them another port (set by " +
            "the environment variable Kestrel__Endpoints__Second__Url)")]
    [InlineData("Logging__LogLevel__Default=Verbose",
        "Logging:LogLevel:Default: \"Verbose\" is not one of Trace, Debug, Information, Warning, Error, Critical, None (set by the " +
            "environment variable Logging__LogLevel__Default)")]
    [InlineData("Logging__LogLevl__Default=Debug",
        "Logging:LogLevl is not a known setting; did you mean LogLevel? (set by the environment variable Logging__LogLevl__Default)")]
    [InlineData("Logging__Console__FormatterName=simple",
        "Logging:Console:FormatterName: \"simple\" is not one of Printable, Json, Ecs (set by the environment variable " +
            "Logging__Console__FormatterName)")]
    [InlineData("Logging__Console__TimestampFormat=s",
        "Logging:Console:TimestampFormat is not a known setting; known here: FormatterName, LogLevel (set by the environment variable " +
            "Logging__Console__TimestampFormat)")]
    [InlineData("SmtpProxy__Journal__Path=/dev/full",
        "SmtpProxy:Journal:Path: '/dev/full' is full by its nature; write the path of a file, or write another path, or - for standard " +
            "output (set by the environment variable SmtpProxy__Journal__Path)")]
    [InlineData("SmtpProxy__Listeners__x__Cluster=relays",
        "SmtpProxy:Listeners:x:Address: missing; write ADDRESS:PORT, such as 127.0.0.1:2525, [::1]:2525, or *:2525 for every address")]
    [InlineData("SmtpProxy__Admin__BearerTokn=hunter2hunter2hunter2",
        "SmtpProxy:Admin:BearerTokn is not a known setting; did you mean BearerToken? (set by the environment variable " +
            "SmtpProxy__Admin__BearerTokn)")]
    [InlineData("SmtpProxy__Admin__BearerToken=hunter2",
        "SmtpProxy:Admin:BearerToken: shorter than 16 characters; make one with: openssl rand -hex 24 (set by the environment variable " +
            "SmtpProxy__Admin__BearerToken)")]
    public async Task Variable_WithAMistake_IsRefusedByCheckAndAtTheStart_InOneLine(string variable, string problem)
    {
        var (name, value) = variable.Split('=', 2) is [var n, var v] ? (n, v) : default;
        var environment = new Dictionary<string, string> { [name] = value };
        foreach (var command in new[] { "check", "run" })
        {
            var (code, output, errors) = await ProxyProcess.RunAsync(environment, command);
            Assert.Equal((1, ""), (code, output));
            Assert.Equal($"smtpproxy: the configuration cannot be used:\n  {problem}", errors.Trim());
        }
    }

    [Theory]
    [InlineData("{ \"SmtpPorxy\": { \"Limits\": { \"Drain\": \"00:00:01\", \"Write\": \"00:00:01\" } } }",
        "SmtpPorxy is not a section; did you mean SmtpProxy? (set in FILE, line 1)")]
    [InlineData("{\n \"Limits\": { \"Drain\": \"00:00:01\" } }",
        "Limits is not a section; it belongs in SmtpProxy: write SmtpProxy:Limits (set in FILE, line 2)")]
    [InlineData("{\n \"SmtpProxy\": { \"Limits\": {\n \"Drain\": soon } } }",
        "FILE: line 3, column 11: here a value is expected; text needs quotes")]
    [InlineData("{ \"SmtpProxy\": {},\n \"SMTPPROXY\": {} }",
        "FILE: line 2: SMTPPROXY is there twice, first in line 1; remove one of them")]
    [InlineData("", "FILE: is empty; write {} for no settings")]
    public async Task File_WithAMistake_IsRefusedByCheckAndAtTheStart_InOneLine(string text, string problem)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, text);
            foreach (var command in new[] { "check", "run" })
            {
                var (code, output, errors) = await ProxyProcess.RunAsync(command, "--config", file);
                Assert.Equal((1, ""), (code, output));
                Assert.Equal($"smtpproxy: the configuration cannot be used:\n  {problem}",
                    errors.Trim().Replace(file, "FILE", StringComparison.Ordinal));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("Kestrel:Endpoints:Admin:Certificate:Path: missing: https://127.0.0.1:9025 needs a certificate", "check", "--admin",
        "https://127.0.0.1:9025")]
    [InlineData("there is no such file; name one that exists", "check", "--config", "no/such.json")]
    [InlineData(
        "there is an argument that is no command and no option; it is not repeated, because it may be a secret. Known here: run, check",
        "hunter2")]
    [InlineData(
        "there is an argument that is no command and no option; it is not repeated, because it may be a secret. See smtpproxy check --help",
        "check", "hunter2")]
    [InlineData("'strat' is not a known command; did you mean start?", "faults", "strat", "hunter2")]
    [InlineData("--journal needs a value; smtpproxy --help has examples", "--journal")]
    [InlineData("--ttl needs a value; smtpproxy faults start --help has examples", "faults", "start", "greylist", "--ttl")]
    [InlineData("there is an argument that is no command and no option; it is not repeated, because it may be a secret",
        "--SmtpProxy:Admin:BearerToken=", "hunter2")]
    [InlineData("'http://********@127.0.0.1:9025' has more than an address and a port", "check", "--admin",
        "http://me:hunter2@127.0.0.1:9025")]
    [InlineData("ReverseProxy:Clusters:relays:Destinations:relay-1:Address: ", "check", "--relay", "smtp://me:hunter2@mx.example.org")]
    public async Task CommandLine_WithAMistake_IsRefusedInOneLine_AndNoSecretIsRepeated(string problem, params string[] args)
    {
        var (code, output, errors) = await ProxyProcess.RunAsync(args);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(problem, errors, StringComparison.Ordinal);
        Assert.Equal(2, errors.Trim().Split('\n').Length);
        Assert.DoesNotContain("hunter2", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variables_ThatKubernetesSets_AndAPlainName_AreNoReasonToRefuse()
    {
        var environment = new Dictionary<string, string>
        {
            ["SMTPPROXY"] = "1",
            ["SMTPPROXY_PORT"] = "tcp://10.0.0.1:25",
            ["SMTPPROXY_SERVICE_HOST"] = "10.0.0.1",
            ["SMTPPROXY_SERVICE_PORT_SMTP"] = "25",
            ["SMTPPROXY_PORT_25_TCP_ADDR"] = "10.0.0.1",
            ["KESTREL"] = "bird",
        };
        var (code, _, errors) = await ProxyProcess.RunAsync(environment, "check", "--relay", "smtp://127.0.0.1:1");
        Assert.Equal((0, ""), (code, errors));
    }

    [Fact]
    public async Task Run_AnAdminSideWithACertificate_ServesHttps()
    {
        using var made = new TestCertificates();
        var good = made.Good();
        await using var proxy = await ProxyProcess.StartAsync("--admin", "https://127.0.0.1:0",
            $"--Kestrel:Endpoints:Admin:Certificate:Path={good.Certificate}", $"--Kestrel:Endpoints:Admin:Certificate:KeyPath={good.Key}");
        Assert.Equal("https", proxy.Admin.Scheme);
        using var trusting = new HttpClientHandler
            { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var http = new HttpClient(trusting) { BaseAddress = proxy.Admin };
        using var ready = await http.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task Check_ShowsWhereEachSettingComesFrom_AndNoSecret()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file,
                "{ \"AllowedHosts\": \"*\",\n \"SmtpProxy\": { \"Limits\": { \"Drain\": \"00:00:09\", \"Write\": \"00:00:09\" } } }");
            var environment = new Dictionary<string, string>
                { ["SmtpProxy__Limits__Write"] = "00:01:00", ["SmtpProxy__Privacy__HashKey"] = "hunter2hunter2hunter2" };
            var (code, output, errors) = await ProxyProcess.RunAsync(environment, "check", "--config", file, "--addresses", "hash");
            Assert.Equal((0, ""), (code, errors));
            foreach (var line in new[]
            {
                $"  SmtpProxy:Limits:Drain = 00:00:09   in {file}, line 2",
                "  SmtpProxy:Limits:Write = 00:01:00   by the environment variable SmtpProxy__Limits__Write",
                "  SmtpProxy:Privacy:Addresses = hash   on the command line",
                "  SmtpProxy:Privacy:HashKey = ********   by the environment variable SmtpProxy__Privacy__HashKey",
                "  SmtpProxy:Listeners:inbound:Address = 127.0.0.1:2525   by the program, as nothing else is set",
                $"read      {file}",
                $"ignored   AllowedHosts in {file}, line 1: nothing here reads that section",
            })
            {
                Assert.Contains(line, output.Split('\n'));
            }

            Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Run_AJournalThatThisUserMayNotWrite_IsRefusedBeforeAnythingListens()
    {
        var folder = Directory.CreateTempSubdirectory("smtpproxy-");
        try
        {
            var journal = Path.Combine(folder.FullName, "j.jsonl");
            await File.WriteAllTextAsync(journal, "");
            File.SetUnixFileMode(journal, UnixFileMode.UserRead);
            File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherExecute
                | UnixFileMode.OtherRead);
            foreach (var (path, problem) in new[]
                { (journal, $"'{journal}' cannot be written: Permission denied"),
                    (journal + "2", $"the directory '{folder.FullName}' cannot be written: Permission denied") })
            {
                foreach (var command in new[] { "check", "run" })
                {
                    var (code, output, errors) = await Unprivileged.RunAsync(command, "--relay", "smtp://127.0.0.1:1", "--listen",
                        "127.0.0.1:0", "--admin", "http://127.0.0.1:0", "--journal", path);
                    Assert.Equal((1, ""), (code, output));
                    Assert.Equal(
                        $"smtpproxy: the configuration cannot be used:\n  SmtpProxy:Journal:Path: {problem}; give this user the right " +
                            $"to, or write another path, or - for standard output (set on the command line)", errors.Trim());
                }
            }

            Assert.False(File.Exists(journal + "2"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
