using System.Collections.Concurrent;
using System.Net;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;

namespace SmtpProxy.Tests.Faults;

public sealed class KeyedDrawTests
{
    /// <summary>Computed apart, in Python: a change of the function would change what every seed means.</summary>
    [Theory]
    [InlineData(20261123, "ack-loss", "0123456789abcdef", 1, 0.08086199736454525)]
    [InlineData(20261123, "ack-loss", "0123456789abcdef", 2, 0.22042187196578744)]
    [InlineData(20261123, "slow-banner", "0123456789abcdef", 1, 0.8870802983298992)]
    [InlineData(1, "ack-loss", "0123456789abcdef", 1, 0.2924366315655008)]
    [InlineData(-1, "ü", "", 7, 0.7830737888555465)]
    public void Draw_OfGoldenVectors_NeverChanges(long seed, string rule, string key, long ordinal, double expected) =>
        Assert.Equal(expected, KeyedDraw.Of(seed, rule, key, ordinal), 1e-16);

    [Fact]
    public void Draws_OfManyKeys_AreEven()
    {
        var struck = Enumerable.Range(0, 100_000).Count(n => KeyedDraw.Of(1, "r", $"{n}", 1) < 0.02);
        Assert.InRange(struck, 1850, 2150); // Three standard deviations and more; the seed is fixed.
    }

    [Theory]
    [InlineData("connection", false)]
    [InlineData("transaction", true)]
    [InlineData("occurrence", true)]
    public void Sessions_SameSeedAndTraffic_AreStruckTheSame(string sampleBy, bool inAnyOrder)
    {
        var once = Decisions(sampleBy, others: false, inAnyOrder);
        Assert.Equal(once, Decisions(sampleBy, others: false, inAnyOrder: false));
        // Another rule that comes first and changes between the runs takes nothing from this one's draws.
        Assert.Equal(once, Decisions(sampleBy, others: true, inAnyOrder));
        Assert.InRange(once.Count, 2700, 3300);
    }

    [Fact]
    public void Connection_SampledOnce_StandsForTheWholeSession()
    {
        using var rig = new FaultRig();
        rig.Put("half", "{'at':'noop','probability':0.5,'sampleBy':'connection','action':{'type':'delay','duration':'00:00:01'}}");
        for (var n = 0; n < 50; n++)
        {
            var (faults, facts) = rig.Session();
            var first = faults.OnCommand(FaultPoint.Noop, facts) is not null;
            Assert.All(Enumerable.Range(0, 5), _ => Assert.Equal(first, faults.OnCommand(FaultPoint.Noop, facts) is not null));
        }
    }

    [Fact]
    public void DecisionKey_WithSeedAndRule_GivesTheDrawAgainAndNoAddress()
    {
        using var rig = new FaultRig();
        rig.Put("some", "{'at':'rcpt','probability':0.4,'action':{'type':'reply','code':451}}");
        for (var n = 0; n < 100; n++)
        {
            var (faults, facts) = rig.Session(from: $"a{n}@example.org", to: "bob@example.net");
            if (faults.OnCommand(FaultPoint.Rcpt, facts) is { } strike)
            {
                var injection = Assert.Single(strike.Injections);
                var (key, ordinal) = (injection.DecisionKey.Split(':')[0],
                    long.Parse(injection.DecisionKey.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));
                Assert.InRange(KeyedDraw.Of(injection.Seed, injection.Rule, key, ordinal), 0, 0.4);
                Assert.DoesNotContain("example", injection.DecisionKey, StringComparison.Ordinal);
            }
        }
    }

    private static List<string> Decisions(string sampleBy, bool others, bool inAnyOrder)
    {
        using var rig = new FaultRig();
        if (others)
        {
            rig.Put("a-first", "{'at':'rcpt','order':1,'probability':0.5,'action':{'type':'delay','duration':'00:00:01'}}");
        }

        rig.Put("third", $"{{'at':'rcpt','probability':0.3,'sampleBy':'{sampleBy}','action':{{'type':'reply','code':451}}}}");
        var struck = new ConcurrentBag<string>();
        void Session(int n)
        {
            var facts = new FaultFacts { Session = $"s{n}", Listener = "l", Cluster = "c", Client = IPAddress.Loopback };
            var faults = rig.Engine.Open(facts);
            (facts.MailFrom, facts.RcptTo, facts.FirstRcptTo, facts.Transactions) =
                ($"u{n}@example.org", "x@example.net", "x@example.net", 1);
            foreach (var injection in faults.OnCommand(FaultPoint.Rcpt, facts)?.Injections ?? [])
            {
                if (injection.Rule == "third")
                {
                    struck.Add($"{n} {injection.DecisionKey}");
                }

                injection.Done();
            }
        }

        if (inAnyOrder)
        {
            Parallel.For(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 50 }, Session);
        }
        else
        {
            Enumerable.Range(0, 10_000).ToList().ForEach(Session);
        }

        return [.. struck.Order(StringComparer.Ordinal)];
    }
}
