using System.Text.Json;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Documentation;

/// <summary>Every snippet of the documentation, run as it stands by the program that it is for; or said not
/// to be, with the reason.</summary>
public sealed partial class SnippetTests
{
    /// <summary>Languages that this class runs.</summary>
    private static readonly string[] Run = ["sh", "console", "json", "main.cf", "master.cf", "haproxy.cfg", "nft", "systemd", "exim.conf",
        "smtpd.conf", "promql", "logrotate"];

    /// <summary>What a program prints, or a grammar: nothing to run.</summary>
    private static readonly string[] Shown = ["output", "abnf", "mermaid"];

    [Fact]
    public void Snippet_OfEveryPage_IsRunOrSaidNotToBe() =>
        Assert.Empty(from snippet in Pages.Snippets
                     where !Run.Contains(snippet.Language) && !Shown.Contains(snippet.Language) && snippet is { NotRun: null, RunBy: null }
                     select $"{snippet}: no test runs this language; say <!-- not run: why --> or <!-- run by: TestClass --> on the " +
                         $"line before");

    [Fact]
    public void Snippet_SaidToBeRunElsewhere_IsSaidSoOfATestClass()
    {
        var tests = typeof(SnippetTests).Assembly.GetTypes().Select(static t => t.Name).ToHashSet();
        Assert.Empty(from snippet in Pages.Snippets where snippet.RunBy is { } name && !tests.Contains(name) select snippet.ToString());
    }

    public static TheoryData<string> Of(string language) => [.. Names(language)];

    internal static IEnumerable<string> Names(string language) =>
        from s in Pages.Snippets where s.Language == language && s is { NotRun: null, RunBy: null } select s.ToString();

    /// <summary>What a terminal shows: after each <c>$</c> a command, then all that it prints.</summary>
    [SkippableTheory]
    [MemberData(nameof(Of), "console")]
    public async Task Console_AsPrinted_ShowsWhatTheCommandPrints(string name)
    {
        var snippet = Find(name);
        using var box = await Sandbox.MakeAsync();
        foreach (var (command, printed) in snippet.Text.Split("$ ", StringSplitOptions.RemoveEmptyEntries)
            .Select(static part => part.Split('\n', 2)).Select(static part => (part[0], part[1])))
        {
            var (_, output) = await box.RunAsync($"{snippet.After}\n{command}");
            Assert.Equal(printed.TrimEnd('\n'), output.TrimEnd('\n'));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Of), "json")]
    public async Task Json_AsPrinted_IsAConfigurationThatCheckTakes(string name)
    {
        var snippet = Find(name);
        JsonDocument.Parse(snippet.Text).Dispose();
        using var box = await Sandbox.MakeAsync();
        using var certificates = new TestCertificates();
        // One certificate with its key will do for every file that is named.
        var both = certificates.For("mail.example.org");
        var pem = await File.ReadAllTextAsync(both.Certificate) + await File.ReadAllTextAsync(both.Key);
        var files = Path().Matches(snippet.Text).Select(match => Sandbox.Write(match.Value, pem));
        await box.SucceedAsync(
            $"{snippet.After}\n{string.Join('\n', files)}\n{Sandbox.Write("/var/snippet/appsettings.json", snippet.Text)}\ncd /var/" +
                $"snippet\nsmtpproxy check");
    }

    /// <summary>Postfix has no trailing comments: <c>#</c> and what stands after it become values. What it
    /// does not know it warns of.</summary>
    [SkippableTheory]
    [MemberData(nameof(Of), "main.cf")]
    public async Task MainCf_AsPrinted_IsWhatPostfixUnderstands(string name)
    {
        PeerTool.Require("postfix");
        var snippet = Find(name);
        Assert.DoesNotContain(snippet.Text.Split('\n'), static line => line.IndexOf('#', StringComparison.Ordinal) > 0);
        using var box = await Sandbox.MakeAsync();
        await box.SucceedAsync($"""
            mkdir -p /etc/postfix; printf 'compatibility_level = 3.6\n' > /etc/postfix/main.cf; : > /etc/postfix/master.cf
            {Sandbox.Write("/var/snippet.cf", snippet.Text)}
            cat /var/snippet.cf >> /etc/postfix/main.cf
            postconf -n > /var/said 2>&1; cat /var/said; ! grep warning /var/said
            """);
    }

    [SkippableTheory]
    [MemberData(nameof(Of), "master.cf")]
    public async Task MasterCf_AsPrinted_IsWhatPostfixUnderstands(string name)
    {
        PeerTool.Require("postfix");
        using var box = await Sandbox.MakeAsync();
        await box.SucceedAsync($"""
            mkdir -p /etc/postfix; printf 'compatibility_level = 3.6\n' > /etc/postfix/main.cf
            {Sandbox.Write("/etc/postfix/master.cf", Find(name).Text)}
            for question in -M -P; do postconf $question; done > /var/said 2>&1; cat /var/said; ! grep -E 'warning|fatal' /var/said
            """);
    }

    [SkippableTheory]
    [MemberData(nameof(Of), "haproxy.cfg")]
    public async Task Haproxy_AsPrinted_IsAConfigurationThatItTakes(string name)
    {
        PeerTool.Require("haproxy");
        using var box = await Sandbox.MakeAsync();
        await box.SucceedAsync($"{Sandbox.Write("/etc/haproxy.cfg", Find(name).Text)}\nhaproxy -c -f /etc/haproxy.cfg");
    }

    [SkippableTheory]
    [MemberData(nameof(Of), "nft")]
    public async Task Nftables_AsPrinted_AreRulesThatTheKernelTakes(string name)
    {
        PeerTool.Require("nft");
        using var box = await Sandbox.MakeAsync();
        await box.SucceedAsync($"{Sandbox.Write("/etc/nft.conf", Find(name).Text)}\nnft -f /etc/nft.conf && nft list ruleset");
    }

    [SkippableTheory]
    [MemberData(nameof(Of), "systemd")]
    public async Task Unit_AsPrinted_IsOneThatSystemdUnderstands(string name)
    {
        PeerTool.Require("systemd-analyze");
        var snippet = Find(name);
        var file = Unit().Match(snippet.Text).Groups["file"].Value;
        Assert.False(file == "", $"{name}: the first line names the file, as # smtpproxy.service");
        using var box = await Sandbox.MakeAsync();
        // The socket's service stands in another snippet, and verify looks for it.
        await box.SucceedAsync($"""
            getent group smtpproxy > /dev/null || groupadd --system smtpproxy; getent passwd smtpproxy > /dev/null || useradd --system --gid smtpproxy smtpproxy
            printf '[Service]\nExecStart=/usr/bin/smtpproxy\n' > /etc/systemd/system/smtpproxy.service
            {Sandbox.Write($"/etc/systemd/system/{file}", snippet.Text)}
            systemd-analyze verify --man=no /etc/systemd/system/{file} > /var/said 2>&1; cat /var/said; ! grep smtpproxy /var/said
            """);
    }

    [SkippableTheory]
    [MemberData(nameof(Of), "exim.conf")]
    public async Task Exim_AsPrinted_IsAConfigurationThatItTakes(string name)
    {
        var exim = PeerTool.RequireUnpacked("exim-heavy/usr/sbin/exim4");
        using var box = await Sandbox.MakeAsync();
        await box.SucceedAsync(
            $"{Sandbox.Write("/etc/exim.conf", "keep_environment =\n" + Find(name).Text)}\n{exim} -C /etc/exim.conf -bV");
    }

    [SkippableTheory]
    [MemberData(nameof(Of), "smtpd.conf")]
    public async Task OpenSmtpd_AsPrinted_IsAConfigurationThatItTakes(string name)
    {
        var smtpd = PeerTool.RequireUnpacked("opensmtpd/usr/sbin/smtpd");
        using var box = await Sandbox.MakeAsync();
        await box.SucceedAsync(
            $"{Sandbox.Write("/etc/snippet.conf", Find(name).Text + "action \"out\" relay\nmatch from any for any action \"out\"\n")}\n" +
                $"{smtpd} -n -f /etc/snippet.conf");
    }

    [SkippableTheory]
    [MemberData(nameof(Of), "promql")]
    public async Task PromQl_AsPrinted_IsAQueryThatPrometheusTakes(string name)
    {
        PeerTool.Require("promtool");
        var queries = Find(name).Text.Split('\n').Where(static line => line.Length > 0 && line[0] != '#').ToArray();
        // A query may go over lines; the next begins after a comment or at the left.
        var rules = string.Join("\n", string.Join('\n', queries).Split("\n").Aggregate(new List<string>(), static (all, line) =>
        {
            if (all.Count > 0 && char.IsWhiteSpace(line[0]))
            {
                all[^1] += " " + line.Trim();
            }
            else
            {
                all.Add(line);
            }

            return all;
        }).Select(static (query, n) => $"      - record: snippet:q{n}\n        expr: {JsonSerializer.Serialize(query)}"));
        var file = System.IO.Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, $"groups:\n  - name: snippet\n    rules:\n{rules}\n");
            await Command.SucceedAsync(PeerTool.Require("promtool"), ["check", "rules", file]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Of), "logrotate")]
    public async Task Logrotate_AsPrinted_IsAConfigurationThatItTakes(string name)
    {
        PeerTool.Require("logrotate");
        using var box = await Sandbox.MakeAsync();
        await box.SucceedAsync(
            $"{Sandbox.Write("/etc/logrotate.d/smtpproxy", Find(name).Text)}\nlogrotate -d /etc/logrotate.d/smtpproxy > /var/said 2>&1; " +
                $"cat /var/said; ! grep -i error /var/said");
    }

    internal static Snippet Find(string name) => Pages.Snippets.Single(s => s.ToString() == name);

    /// <summary>Files that a configuration names and that must exist.</summary>
    [GeneratedRegex("""(?<=")/etc/[^"]+(?=")""")]
    private static partial Regex Path();

    [GeneratedRegex(@"\A# (?<file>[\w@.-]+\.(service|socket|timer|conf))\n")]
    private static partial Regex Unit();
}
