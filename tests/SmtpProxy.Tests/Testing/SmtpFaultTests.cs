using System.Text.Json.Nodes;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Rules;
using SmtpProxy.Testing;

namespace SmtpProxy.Tests.Testing;

/// <summary>Every fault that can be built is a rule that the proxy takes.</summary>
public sealed class SmtpFaultTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly SmtpFault[] All =
    [
        SmtpFault.At(SmtpPoint.Rcpt).First(2, SmtpScope.Envelope).Reply(451, "4.7.1", "Later", SmtpEnd.Reset),
        SmtpFault.At(SmtpPoint.Mail).After(1).AtMost(3).Delay(Second),
        SmtpFault.At(SmtpPoint.Greeting).Every(2, SmtpScope.Client).Drip(Second, 5),
        SmtpFault.At(SmtpPoint.Data).Nth(1, 3).Stall(), SmtpFault.At(SmtpPoint.Data).Stall(Second),
        SmtpFault.At(SmtpPoint.DataBody).AfterOctets(4096).WithProbability(0.5).Throttle(1000),
        SmtpFault.At(SmtpPoint.DataBody).Close(SmtpEnd.Reset), SmtpFault.At(SmtpPoint.AnyCommand).CloseBy421(),
        SmtpFault.At(SmtpPoint.Ehlo).Truncate(3), SmtpFault.At(SmtpPoint.Ehlo).Hide("STARTTLS"),
        SmtpFault.At(SmtpPoint.Rcpt).ToRecipients("*@partner.example").FromSenders("a@b.example").Greylist(Second),
        SmtpFault.At(SmtpPoint.EndOfData).LoseAcknowledgement(), SmtpFault.At(SmtpPoint.EndOfData).RejectMessage(554, "5.7.1", "No"),
        SmtpFault.At(SmtpPoint.EndOfData).Lose(), SmtpFault.At(SmtpPoint.Dial).FailDial(SmtpDialFailure.Timeout),
        SmtpFault.At(SmtpPoint.Greeting).Does("limit", new JsonObject { ["maxConcurrentPerClient"] = 5 }),
        .. Enum.GetValues<SmtpDamage>().Select(static kind => SmtpFault.At(SmtpPoint.Mail).Malform(kind)),
        .. Enum.GetValues<SmtpTlsFlaw>().Select(static how => SmtpFault.At(SmtpPoint.StartTls).BreakTls(how)),
    ];

    public static TheoryData<string> Texts => [.. All.Select(static f => f.ToString())];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Fault_OfEachKind_IsARuleThatTheProxyTakes(string text) => Assert.Empty(Errors((JsonObject)JsonNode.Parse(text)!));

    [Fact]
    public void Points_AllOfThem_AreTheProxys() => Assert.Equal(
        RuleFields.Points.Except([FaultNames.Of(FaultPoint.Idle), FaultNames.Of(FaultPoint.Elapsed)]),
        Enum.GetValues<SmtpPoint>().Select(static p => (string?)SmtpFault.At(p).ToRule()["at"]).OfType<string>());

    [Fact]
    public void Fault_GoneOnWith_LeavesTheOneThatItBeganWith()
    {
        var later = SmtpFault.At(SmtpPoint.Rcpt).Reply(451);
        var once = later.First(1);
        Assert.DoesNotContain("occurrence", later.ToString(), StringComparison.Ordinal);
        Assert.Contains("occurrence", once.ToString(), StringComparison.Ordinal);
    }

    private static List<RuleError> Errors(JsonObject rule)
    {
        rule["ttl"] = "01:00:00";
        var options = new FaultsOptions { Enabled = true, AllowDuplicateRisk = true, AllowLossRisk = true, AllowSecurityProbes = true };
        RuleParser.Read("fault", rule, RuleSource.Api, options, DateTimeOffset.UnixEpoch, out var errors);
        return errors;
    }
}
