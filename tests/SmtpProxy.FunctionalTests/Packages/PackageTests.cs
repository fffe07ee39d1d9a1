using System.Buffers.Binary;
using SmtpProxy.FunctionalTests.Dashboards;
using SmtpProxy.FunctionalTests.Documentation;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Testing.Engines;

namespace SmtpProxy.FunctionalTests.Packages;

/// <summary>Each way to install it, taken: installed as users do, and a mail passed through what is there then.</summary>
public sealed class PackageTests(MadePackages made) : IClassFixture<MadePackages>
{
    private static readonly string s_debian = Path.Combine(SourceFolder.Root, "deploy", "debian");

    [SkippableFact]
    public async Task Tool_InstalledFromItsPackage_PassesMail()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "packages are made on Linux");
        var folder = Directory.CreateTempSubdirectory("smtpproxy-tool-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "nuget.config"),
                $"<configuration><packageSources><clear /><add key=\"own\" value=\"{made.Folder}\" /></packageSources></configuration>");
            await Command.SucceedAsync("env",
                [$"NUGET_PACKAGES={folder.FullName}/cache", "dotnet", "tool", "install", "smtpproxy", "--version", MadePackages.Version,
                    "--tool-path", folder.FullName, "--configfile", Path.Combine(folder.FullName, "nuget.config")]);
            await PassMailAsync(Path.Combine(folder.FullName, "smtpproxy"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The packages for tests, from a fresh folder: restored, built and run by nothing but what they bring and name.</summary>
    [SkippableTheory]
    [InlineData("testing", 2)]
    [InlineData("testcontainers", 1)]
    public async Task Example_InAFreshFolder_RunsItsTestsWithThePackage(string example, int tests)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "packages are made on Linux");
        await using var engine = await EngineStandIn.StartAsync();
        var folder = Directory.CreateTempSubdirectory($"smtpproxy-{example}-");
        try
        {
            var said = await TestAsync(example, folder.FullName, engine.Address.Authority, isOffline: true);
            Assert.Contains($"Passed:     {tests}", said, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The same in other frameworks than that of this test, whose packages the solution does not have.</summary>
    [SkippableFact]
    public async Task Package_InEachTestFramework_RunsItsTestsInParallel()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "packages are made on Linux");
        await PeerTool.RequireNuGetAsync();
        var folder = Directory.CreateTempSubdirectory("smtpproxy-frameworks-");
        try
        {
            var said = await TestAsync("frameworks", folder.FullName, "127.0.0.1:9", isOffline: false);
            Assert.All(["WithMSTest", "WithNUnit", "WithXunitV3"], name => Assert.Matches($@"Passed:     2,.*{name}\.dll", said));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SkippableFact]
    public async Task SingleFile_WithNothingBesideIt_PassesMail()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "packages are made on Linux");
        var folder = Directory.CreateTempSubdirectory("smtpproxy-single-");
        try
        {
            var program = Path.Combine(folder.FullName, "smtpproxy");
            File.Copy(Path.Combine(made.Folder, "linux-x64", "smtpproxy"), program);
            Assert.Equal($"smtpproxy {MadePackages.Version}\n", await Command.SucceedAsync(program, ["--version"]));
            await PassMailAsync(program);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Nothing here can run those of other machines; what they are for stands in their headers.</summary>
    [SkippableTheory]
    [InlineData("linux-x64", "smtpproxy", "ELF 62")]
    [InlineData("linux-arm64", "smtpproxy", "ELF 183")]
    [InlineData("win-x64", "smtpproxy.exe", "PE 34404")]
    [InlineData("osx-arm64", "smtpproxy", "Mach-O 16777228")]
    public void SingleFile_OfEachMachine_IsForIt(string kind, string name, string machine)
    {
        var file = Path.Combine(made.Folder, kind, name);
        Skip.IfNot(File.Exists(file), "only .ci/run and releases make those of other machines");
        Assert.Equal(machine, MachineOf(file));
        Assert.Equal([name], Directory.GetFiles(Path.GetDirectoryName(file)!).Select(Path.GetFileName));
    }

    /// <summary>Installed, run as its service runs it, and removed for real, on a machine whose changes are gone afterwards.</summary>
    [SkippableFact]
    public async Task Deb_Installed_PassesMailAsItsUser_AndGoesWithoutATrace()
    {
        PeerTool.Require("dpkg");
        PeerTool.Require("swaks");
        PeerTool.Require("setpriv");
        using var box = await Sandbox.MakeAsync();
        var said = await box.SucceedAsync($$"""
            rm /usr/bin/smtpproxy
            dpkg --install '{{made.Deb}}'
            test "$(stat -c '%U:%G %a' /etc/smtpproxy/appsettings.json)" = 'root:smtpproxy 640'
            test "$(stat -c '%U:%G %a' /var/log/smtpproxy)" = 'smtpproxy:smtpproxy 750'
            test "$(smtpproxy --version)" = 'smtpproxy {{MadePackages.Version}}'
            cd /etc/smtpproxy
            echo '-- without a relay:'
            ! smtpproxy check
            sed -i 's|// "mx": .*|"mx": { "Address": "smtp://127.0.0.1:2626" }|' appsettings.json
            smtpproxy check > /dev/null
            (cd /; smtpproxy --listen 127.0.0.1:2727 --admin http://127.0.0.1:9099 --SmtpProxy:Sink:Address=127.0.0.1:2626 > /var/sink.log 2>&1 & )
            until grep -q ^listening /var/sink.log; do sleep 0.1; done
            $(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/smtpproxy.service | sed 's|^|setpriv --reuid smtpproxy --regid smtpproxy --clear-groups |') > /var/proxy.log 2>&1 & proxy=$!
            until smtpproxy healthcheck --pid $proxy 2> /dev/null; do sleep 0.1; done
            swaks --server 127.0.0.1:2525 --to you@example.org --silent
            kill -TERM $proxy; wait $proxy
            jq -r '.transactions[0].outcome' /var/log/smtpproxy/journal.jsonl
            logrotate --force /etc/logrotate.d/smtpproxy; ls /var/log/smtpproxy
            bash -c 'source /usr/share/bash-completion/completions/smtpproxy; COMP_LINE="smtpproxy rel"; COMP_POINT=13; COMP_WORDS=(
                smtpproxy rel); COMP_CWORD=1; _smtpproxy; echo "completes ${COMPREPLY[*]}"'
            if command -v systemd-analyze > /dev/null; then systemd-analyze verify --man=no /usr/lib/systemd/system/smtpproxy.service 2>&1 | { ! grep smtpproxy; }; fi
            cd /
            dpkg --remove smtpproxy
            test -e /etc/smtpproxy/appsettings.json && ! test -e /usr/bin/smtpproxy
            dpkg --purge smtpproxy
            ! test -e /etc/smtpproxy && ! test -e /var/log/smtpproxy && ! test -e /etc/logrotate.d/smtpproxy && ! test -e /usr/lib/smtpproxy
            """);
        Assert.Contains("-- without a relay:\n", said, StringComparison.Ordinal);
        Assert.Contains("\nready\n", said, StringComparison.Ordinal);
        Assert.Contains("\ndelivered\n", said, StringComparison.Ordinal);
        Assert.Contains("journal.jsonl.1", said, StringComparison.Ordinal);
        Assert.Contains("completes relays", said, StringComparison.Ordinal);
        Assert.Contains("systemctl enable --now smtpproxy", said, StringComparison.Ordinal);
    }

    public static TheoryData<string> Snippets => [.. from s in Pages.Snippets where s.RunBy == nameof(PackageTests) select s.ToString()];

    /// <summary>What the pages say how to install it; the packages themselves are made already.</summary>
    [SkippableTheory]
    [MemberData(nameof(Snippets))]
    public async Task Install_AsPrinted_Succeeds(string name)
    {
        PeerTool.Require("dpkg");
        using var box = await Sandbox.MakeAsync();
        await box.SucceedAsync($$"""
            rm /usr/bin/smtpproxy
            mkdir -p /var/home /var/source/build /var/source/artifacts; ln -s '{{made.Folder}}' /var/source/artifacts/packages
            printf '#!/bin/sh\n' > /var/source/build/packages; chmod +x /var/source/build/packages
            export HOME=/var/home NUGET_PACKAGES=/var/nuget DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1; cd /var/source
            {{Pages.Snippets.Single(s => s.ToString() == name).Text}}
            """);
    }

    [Fact]
    public void Logrotate_OfTheDeb_IsThatOfThePage() =>
        Assert.Contains(Pages.Snippets, static s => s.Language == "logrotate"
            && s.Text == File.ReadAllText(Path.Combine(s_debian, "logrotate")));

    /// <summary>A command that is new is in the manual page too. Completion asks the program.</summary>
    [Fact]
    public async Task Commands_AllOfThem_AreInTheManual()
    {
        var help = await Command.SucceedAsync("dotnet", [typeof(Sessions.SessionHost).Assembly.Location, "--help"]);
        var commands = help.Split("Usage\n")[1].Split("\n\n")[0].Split('\n').Select(static line => line.Trim().Split(' ')[1].Trim('[', ']'))
            .Where(static c => !c.StartsWith('-')).ToArray();
        Assert.Contains("healthcheck", commands);
        var manual = await File.ReadAllTextAsync(Path.Combine(s_debian, "smtpproxy.8"));
        Assert.All(commands, command => Assert.Contains($"\n.B {command}\n", manual, StringComparison.Ordinal));
    }

    /// <summary>Runs the tests of an example in a folder that has nothing else.</summary>
    /// <param name="example">The example.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="engine">Where the stand-in of a container engine is.</param>
    /// <param name="isOffline">What others publish has been restored for the solution.</param>
    private async Task<string> TestAsync(string example, string folder, string engine, bool isOffline)
    {
        var source = Path.Combine(SourceFolder.Root, "docs", "examples", example);
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var restored = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var others = isOffline ? "" : $"<add key=\"nuget.org\" value=\"{PeerTool.NuGet}\" />";
        await File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"),
            $"<configuration><packageSources><clear /><add key=\"own\" value=\"{made.Folder}\" />{others}</packageSources>" +
            $"<fallbackPackageFolders><clear /><add key=\"restored\" value=\"{restored}\" /></fallbackPackageFolders></configuration>");
        return await Command.SucceedAsync("env",
            ["-C", folder, $"NUGET_PACKAGES={folder}/cache", $"DOCKER_HOST=tcp://{engine}", "TESTCONTAINERS_RYUK_DISABLED=true", "dotnet",
                "test", "--nologo"]);
    }

    private static async Task PassMailAsync(string program)
    {
        await using var proxy = await ProxyProcess.StartByAsync(["bash", "-c", $"shift 2; exec '{program}' \"$@\"", "bash"]);
        await MailSender.SendAsync(proxy.Listener());
        var session = Assert.Single(await proxy.JournalAsync(1));
        Assert.Equal("delivered", session.GetProperty("transactions")[0].GetProperty("outcome").GetString());
    }

    private static string MachineOf(string file)
    {
        Span<byte> head = stackalloc byte[1024];
        using (var stream = File.OpenRead(file))
        {
            stream.ReadExactly(head);
        }

        return head switch
        {
            [0x7F, (byte)'E', (byte)'L', (byte)'F', ..] =>
                FormattableString.Invariant($"ELF {BinaryPrimitives.ReadUInt16LittleEndian(head[18..])}"),
            [(byte)'M', (byte)'Z', ..] =>
                FormattableString.Invariant(
                    $"PE {BinaryPrimitives.ReadUInt16LittleEndian(head[(BinaryPrimitives.ReadInt32LittleEndian(head[0x3C..]) + 4)..])}"),
            _ when BinaryPrimitives.ReadUInt32LittleEndian(head) == 0xFEEDFACF =>
                FormattableString.Invariant($"Mach-O {BinaryPrimitives.ReadUInt32LittleEndian(head[4..])}"),
            _ => "unknown",
        };
    }
}
