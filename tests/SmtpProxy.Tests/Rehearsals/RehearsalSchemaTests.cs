using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using SmtpProxy.Rehearsals.Expectations;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Stops;

namespace SmtpProxy.Tests.Rehearsals;

public sealed class RehearsalSchemaTests
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
        { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Made anew with SMTPPROXY_WRITE_SCHEMA=1, or by <c>smtpproxy rehearse --schema</c>.</summary>
    [Fact]
    public void Schema_InTheRepository_IsTheOneThatTheProgramPrints()
    {
        var file = Path.Combine(RehearsalReaderTests.Docs(), "schemas", RehearsalSchema.Name);
        var text = RehearsalSchema.Create().ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("SMTPPROXY_WRITE_SCHEMA") == "1")
        {
            File.WriteAllText(file, text);
        }

        Assert.Equal(File.ReadAllText(file), text);
    }

    [Fact]
    public void Page_HasEveryExpectationStopConditionAndMember()
    {
        var page = File.ReadAllText(Path.Combine(RehearsalReaderTests.Docs(), "rehearsals.md"));
        var named = Regex.Matches(page, "^\\| `([A-Za-z.]+)`", RegexOptions.Multiline).Select(static m => m.Groups[1].Value).ToHashSet();
        Assert.Empty(ExpectationKinds.All.Select(static k => k.Name).Concat(StopKinds.All.Select(static k => k.Name))
            .Concat(RehearsalFields.Plain.Select(static f => f.Name))
            .Concat(RehearsalFields.Traffic.Select(static f => $"traffic.{f.Name}")).Except(named));
    }
}
