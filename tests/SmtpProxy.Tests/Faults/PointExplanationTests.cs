using CsCheck;
using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Faults;

public sealed class PointExplanationTests
{
    private static readonly string[] Parts =
    [
        "'occurrence':{'every':2}", "'occurrence':{'first':2,'scope':'client'}", "'enabled':true", "'budget':{'maxInjections':2}",
        "'match':{'clientCidr':'192.0.2.2'}",
        "'probability':0", "'pulse':{'on':'00:00:30','off':'00:00:30'}", "'order':5", "'order':200,'occurrence':{'after':1}",
    ];

    private static readonly string[] Actions =
    [
        "{'type':'reply','code':451}", "{'type':'delay','duration':'00:00:01'}", "{'type':'throttle','bytesPerSecond':9}",
        "{'type':'limit','recipientsPerMessage':1}",
        "{'type':'greylist','minDelay':'00:00:20'}", "{'type':'close'}", "{'type':'tarpit','count':1}",
    ];

    /// <summary>Whatever the rules are and have done: what explain says of the next command is what then happens, and
    /// asking changes nothing.</summary>
    [Fact]
    public void Explain_OfTheNextCommand_IsWhatHappens() => Gen.Select(
        Gen.Select(Gen.Int[0, Parts.Length - 1], Gen.Int[0, Actions.Length - 1]).Array[1, 5],
        Gen.Select(Gen.Int[1, 2], Gen.Int[1, 3], Gen.Int[0, 40]).Array[1, 12]).Sample(
        static (rules, steps) =>
        {
            using var rig = new FaultRig();
            for (var n = 0; n < rules.Length; n++)
            {
                rig.Put($"r{n}", $"{{'at':'rcpt',{Parts[rules[n].Item1]},'action':{Actions[rules[n].Item2]}}}");
            }

            foreach (var (client, recipients, seconds) in steps)
            {
                rig.Time.Advance(TimeSpan.FromSeconds(seconds));
                var (faults, facts) = rig.Session($"192.0.2.{client}", "a@x", "b@y");
                facts.RecipientCount = recipients;
                var said = Fires(rig, facts);
                Assert.Equal(said, Fires(rig, facts));
                var happened = faults.OnCommand(FaultPoint.Rcpt, facts)?.Injections ?? [];
                Assert.Equal(said, happened.Select(static i => i.Rule));
                happened.ForEach(static i => i.Done());
            }
        },
        iter: 200);

    [Fact]
    public void Explain_OfRulesThatDoNotStrike_SaysWhy()
    {
        using var rig = new FaultRig();
        rig.Put("a-never", "{'at':'mail','probability':0,'action':{'type':'close'}}");
        rig.Put("b-other", "{'at':'mail','match':{'listener':'mx'},'action':{'type':'close'}}");
        rig.Put("c-now", "{'at':'mail','action':{'type':'close'}}");
        rig.Put("d-late", "{'at':'mail','action':{'type':'close'}}");
        var point = Assert.Single(rig.Engine.Explain(FaultRig.Facts()));
        Assert.Equal("mail", point.Point);
        Assert.Equal(
            [("a-never", "not_sampled"), ("b-other", "no match"), ("c-now", "fires"), ("d-late", "conflict")],
            point.Rules.Select(static r => (r.Rule, r.Why)));
        Assert.NotNull(point.Rules[0].Draw);
        rig.Engine.Switch.Halt("enough", "test");
        Assert.Equal("halted", rig.Engine.Explain(FaultRig.Facts())[0].Rules[2].Why);
        Assert.Empty(rig.Metrics["smtpproxy.faults.skipped"]);
    }

    private static string[] Fires(FaultRig rig, FaultFacts facts) =>
        [.. rig.Engine.Explain(facts).SelectMany(static p => p.Rules).Where(static r => r.Fires).Select(static r => r.Rule)];
}
