using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Faults;

public sealed class OccurrenceTests
{
    [Theory]
    [InlineData("{'first':2}", "xx......")]
    [InlineData("{'nth':[2,5]}", ".x..x...")]
    [InlineData("{'nth':3}", "..x.....")]
    [InlineData("{'every':3}", "..x..x..")]
    [InlineData("{'after':5}", ".....xxx")]
    [InlineData("{'after':2,'first':3}", "..xxx...")]
    [InlineData("{'after':1,'every':2}", "..x.x.x.")]
    [InlineData("{'after':1,'every':3}", "...x..x.")]
    [InlineData("{}", "xxxxxxxx")]
    public void Occasions_Counted_AreStruck(string occurrence, string expected)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'at':'mail','occurrence':{occurrence},'action':{{'type':'reply','code':451}}}}");
        Assert.Equal(expected, rig.Pattern(8));
    }

    [Fact]
    public void ScopeClient_TwoClients_AreCountedApart()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','occurrence':{'first':2,'scope':'client'},'action':{'type':'reply','code':451}}");
        Assert.Equal(("xx..", "xx.."), (rig.Pattern(4), rig.Pattern(4, client: "192.0.2.2")));
    }

    [Fact]
    public void ScopeConnection_ThreeCommandsEach_AreCountedAnew()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'rcpt','occurrence':{'nth':2,'scope':'connection'},'action':{'type':'reply','code':550}}");
        for (var n = 0; n < 3; n++)
        {
            var (faults, facts) = rig.Session();
            Assert.Equal(
                [false, true, false],
                Enumerable.Range(0, 3).Select(_ => faults.OnCommand(FaultPoint.Rcpt, facts) is not null));
        }
    }

    [Fact]
    public void ScopeEnvelope_OtherRecipient_IsCountedApart()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'rcpt','occurrence':{'first':1,'scope':'envelope'},'action':{'type':'reply','code':451}}");
        Assert.True(rig.Strikes(FaultPoint.Rcpt, from: "a@x", to: "b@y"));
        Assert.False(rig.Strikes(FaultPoint.Rcpt, client: "192.0.2.9", from: "a@x", to: "b@y"));
        Assert.True(rig.Strikes(FaultPoint.Rcpt, from: "a@x", to: "c@y"));
    }

    [Fact]
    public void Occasions_ThatDoNotMatch_AreNotCounted()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','match':{'clientCidr':'192.0.2.2'},'occurrence':{'nth':2},'action':{'type':'reply','code':451}}");
        Assert.Equal("....", rig.Pattern(4));
        Assert.Equal(".x..", rig.Pattern(4, client: "192.0.2.2"));
    }

    [Fact]
    public void Rule_PutAnew_CountsAnew_AndOthersGoOn()
    {
        using var rig = new FaultRig();
        rig.Put("a", "{'at':'mail','occurrence':{'first':1},'action':{'type':'reply','code':451}}");
        rig.Put("b", "{'at':'noop','occurrence':{'first':1},'action':{'type':'reply','code':451}}");
        Assert.Equal(("x.", "x."), (rig.Pattern(2), rig.Pattern(2, FaultPoint.Noop)));
        rig.Put("a", "{'at':'mail','occurrence':{'first':1},'action':{'type':'reply','code':452}}");
        Assert.Equal(("x.", ".."), (rig.Pattern(2), rig.Pattern(2, FaultPoint.Noop)));
    }

    [Fact]
    public void Reset_OfTheEngine_ForgetsOccasionsAndRulesOfTheApi()
    {
        using var rig = new FaultRig(FaultRig.Bold with
            { Rules = FaultRig.Section("{'file':{'At':'mail','Occurrence':{'First':1},'Action':{'Type':'reply','Code':451}}}") });
        rig.Put("api", "{'at':'noop','action':{'type':'reply','code':451}}");
        Assert.Equal("x.", rig.Pattern(2));
        rig.Engine.Reset();
        Assert.Equal(("x.", ".."), (rig.Pattern(2), rig.Pattern(2, FaultPoint.Noop)));
    }
}
