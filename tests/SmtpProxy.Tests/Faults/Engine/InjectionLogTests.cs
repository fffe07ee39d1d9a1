using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;

namespace SmtpProxy.Tests.Faults.Engine;

public sealed class InjectionLogTests
{
    [Fact]
    public void After_ANumber_AreTheLaterOnesOfTheRuleOldestFirst()
    {
        var log = new InjectionLog();
        Assert.Equal(0, log.Latest);
        foreach (var rule in (string[])["a", "b", "a", "a"])
        {
            log.Add(Of(rule));
        }

        Assert.Equal(4, log.Latest);
        Assert.Equal([(1, "a"), (2, "b"), (3, "a"), (4, "a")], Numbered(log.After(0, null, 9)));
        Assert.Equal([(3, "a"), (4, "a")], Numbered(log.After(1, "a", 9)));
        Assert.Equal([(1, "a"), (2, "b")], Numbered(log.After(0, null, 2)));
        Assert.Empty(log.After(4, null, 9));
        Assert.Empty(log.After(0, "c", 9));
    }

    [Fact]
    public void Add_BeyondTenThousand_LetsTheOldestGo()
    {
        var log = new InjectionLog();
        for (var n = 0; n < 10_000; n++)
        {
            log.Add(Of("a"));
        }

        Assert.Equal(1, log.After(0, null, 1)[0].Id);
        log.Add(Of("b"));
        Assert.Equal((2, 10_001, 10_000), (log.After(0, null, 1)[0].Id, log.Latest, log.After(0, null, int.MaxValue).Count));
    }

    private static IEnumerable<(long, string)> Numbered(IEnumerable<(long Id, Injection Injection)> injections) =>
        injections.Select(static i => (i.Id, i.Injection.Rule));

    private static Injection Of(string rule) => new(static _ => { })
    {
        Rule = rule, Action = "close", Point = FaultPoint.Mail, Effect = DeliveryEffect.None, Seed = 1, DecisionKey = "k", Session = "s",
        Time = DateTimeOffset.UnixEpoch,
    };
}
