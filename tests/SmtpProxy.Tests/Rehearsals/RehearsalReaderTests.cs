using System.Runtime.CompilerServices;
using System.Text;
using SmtpProxy.Rehearsals.Files;

namespace SmtpProxy.Tests.Rehearsals;

public sealed class RehearsalReaderTests
{
    private const string Good = """
        rehearsal: Greylisting
        scale: 0.1
        faults:
          preset: greylist
        traffic:
          run: [./send, --to, "{smtp}"]
          clients: [192.0.2.0/24]
        expect:
          - retried: { min: 00:05:00 }
          - noDuplicate
        """;

    [Fact]
    public void Read_GoodFile_ScalesEveryTimeAndExpectsAStrike()
    {
        var plan = RehearsalReader.Read("a.rehearsal.yaml", Good, null, out var problems);
        Assert.Empty(problems);
        Assert.Equal(["tried again not before 30 s", "no duplicate", "the fault struck"], plan!.During.Select(static e => e.Text));
        Assert.Equal("00:00:30", plan.Rules.Single().Value["action"]!["minDelay"]!.GetValue<string>());
        Assert.Equal("rehearsal.greylist", plan.Rules.Single().Key);
        Assert.Equal(["./send", "--to", "{smtp}"], plan.Run);
        Assert.Equal(TimeSpan.FromMinutes(1), plan.Longest);
        Assert.Equal(["tried again not before 300 ms"],
            RehearsalReader.Read("a", Good, 0.001, out _)!.During.Take(1).Select(static e => e.Text));
    }

    [Theory]
    [InlineData("preset: greylist", "preset: graylist", "a:4: faults.preset: \"graylist\" is none of slow-banner, banner-drip,")]
    [InlineData("scale: 0.1", "scal: 0.1", "a:2: scal: is not known here; known are rehearsal,")]
    [InlineData("{ min: 00:05:00 }", "{ min: 5 }", "a:9: expect[0].retried.min: \"5\" is not a time span such as 00:00:35")]
    [InlineData("{ min: 00:05:00 }", "{ max: 00:00:01, min: 00:00:02 }", "a:9: expect[0].retried.min: is above max")]
    [InlineData("- noDuplicate", "- noDuplicates", "a:10: expect[1].noDuplicates: is none of delivered,")]
    [InlineData("- noDuplicate", "- delivered: 3", "a:10: expect[1].delivered: has a value that is no object")]
    [InlineData("192.0.2.0/24", "everybody", "a:7: traffic.clients: \"everybody\" is no address")]
    [InlineData("preset: greylist", "rules: { x: { at: rcpt, action: { type: reply } } }",
        "a:4: faults.rules.x.action.code: is missing")]
    [InlineData("preset: greylist", "rules: { x: { at: rcpt } }", "a:4: faults.rules.x: is no rule")]
    [InlineData("scale: 0.1", "relays: { one: { answers: maybe } }", "a:2: relays.one.answers: \"maybe\" is not a list of answers")]
    [InlineData("  preset: greylist", "\tpreset: greylist", "a:4: is no YAML: a tab stands where the line begins; write spaces")]
    [InlineData("scale: 0.1", "rehearsal: again", "a:2: rehearsal: is there twice; leave one")]
    [InlineData("scale: 0.1", "about: &x text", "a:2: about: is an anchor or an alias; write the value out")]
    [InlineData("scale: 0.1", "Rehearsal: again", "a:2: Rehearsal: is there twice; leave one")]
    [InlineData("rehearsal: Greylisting", "rehearsal: ''", "a:1: rehearsal: is empty")]
    [InlineData("scale: 0.1", "for: 00:00:00", "a:2: for: is 00:00:00 when it is scaled: too short")]
    [InlineData("scale: 0.1", "for: 300.00:00:00", "a:2: for: is 300.00:00:00 when it is scaled: too long")]
    [InlineData("scale: 0.1", "relays: { 'a:b': {} }", "a:2: relays.a:b: is no name for a relay")]
    [InlineData("run: [./send, --to, \"{smtp}\"]", "run: ''", "a:6: traffic.run: is empty")]
    [InlineData("run:", "messages: 0 #", "a:6: traffic.messages: \"0\" is not a whole number from 1 to")]
    [InlineData("preset: greylist", "rules: { x: { at: rcpt, ttl: 00:01:00, action: { type: reply, code: 451 } } }",
        "a:4: faults.rules.x.ttl: has no effect")]
    [InlineData("- noDuplicate", "- diagnosis: { code: graylisted }", "a:10: expect[1].diagnosis.code: \"graylisted\" is no diagnosis")]
    [InlineData("- noDuplicate", "- latency: { of: RCTP, max: 00:00:01 }",
        "a:10: expect[1].latency.of: \"RCTP\" is none of greeting, session")]
    [InlineData("- noDuplicate", "- metric: { name: x, min: 5, max: 1 }", "a:10: expect[1].metric.min: is above max")]
    [InlineData("- noDuplicate", "- struck: { min: 5, max: 1 }", "a:10: expect[1].struck.min: is above max")]
    [InlineData("- noDuplicate", "- connections: { max: 0 }", "a:10: expect[1].connections.max: \"0\" is not a whole number from 1")]
    [InlineData("- noDuplicate", "- failover: { to: two }\nrelays: { one: {} }",
        "a:8: expect: fail-over to \"two\", which is none of the relays")]
    [InlineData("expect:", "stop: [ diagnosis: { code: nothing } ]\nexpect:", "a:8: stop[0].diagnosis.code: \"nothing\" is no diagnosis")]
    [InlineData("expect:", "stop: [ slow: { of: RCTP, above: 00:00:01 } ]\nexpect:", "a:8: stop[0].slow.of: \"RCTP\" is none of")]
    [InlineData("  run:", "  live: true\n  run:", "a:6: traffic.live: goes without run")]
    public void Read_Mistake_IsToldWithItsPlaceAndTheRemedy(string right, string wrong, string expected)
    {
        Assert.Null(RehearsalReader.Read("a", Good.Replace(right, wrong, StringComparison.Ordinal), null, out var problems));
        Assert.Contains(problems, p => p.In("a").StartsWith(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a: [")]
    [InlineData("a: \"")]
    [InlineData("a: {\n- x: y")]
    [InlineData("? [x]\n: y")]
    [InlineData("a: b\n--- \nc: d")]
    public void Read_NoYaml_IsRefusedInWords(string text)
    {
        Assert.Null(RehearsalReader.Read("a", text, null, out var problems));
        Assert.NotEmpty(problems);
    }

    [Theory]
    [InlineData("")]
    [InlineData("just text")]
    [InlineData("- a\n- b")]
    public void Read_NoObject_IsRefused(string text)
    {
        Assert.Null(RehearsalReader.Read("a", text, null, out var problems));
        Assert.Contains("is no rehearsal", Assert.Single(problems).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WithoutFaultsOrExpectations_SaysWhatIsMissing()
    {
        RehearsalReader.Read("a", "rehearsal: x", null, out var problems);
        Assert.StartsWith("is missing: nothing would be rehearsed", Assert.Single(problems).Text, StringComparison.Ordinal);
        RehearsalReader.Read("a", "rehearsal: x\nfaults: { preset: greylist }", null, out problems);
        Assert.StartsWith("is missing: without it there is no verdict", Assert.Single(problems).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void TextOf_AFileThatIsNoUtf8_IsRefused()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, [.. "about: caf"u8, 0xE9]);
            Assert.Throws<DecoderFallbackException>(() => RehearsalReader.TextOf(file));
            File.WriteAllText(file, Good, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
            Assert.Equal(Good, RehearsalReader.TextOf(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Each file of the library, and all presets among them.</summary>
    [Fact]
    public void Read_FilesOfTheLibrary_AreGoodAndTellWhatAGoodClientDoes()
    {
        var presets = new HashSet<string>();
        foreach (var file in Directory.GetFiles(Path.Combine(Docs(), "rehearsals"), "*.rehearsal.yaml"))
        {
            var plan = RehearsalReader.Read(file, File.ReadAllText(file), null, out var problems);
            Assert.Empty(problems.Select(p => p.In(file)));
            Assert.NotNull(plan!.GoodClient);
            Assert.NotNull(plan.About);
            Assert.NotEmpty(plan.Sources);
            presets.Add(Path.GetFileName(file).Split('.')[0]);
        }

        Assert.Empty(global::SmtpProxy.Faults.Presets.PresetCatalogue.All.Select(static p => p.Name).Except(presets));
    }

    internal static string Docs([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs"));
}
