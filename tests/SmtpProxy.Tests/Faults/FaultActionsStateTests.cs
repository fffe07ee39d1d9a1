using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Faults;

public sealed class FaultActionsStateTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Greylist_Triplet_PassesBehindMinDelayAndBeginsAnewBehindTheWindow()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'rcpt','action':{'type':'greylist','minDelay':'00:05:00','window':'04:00:00'}}");
        bool Asked(string client = "192.0.2.1", string to = "b@y") => rig.Strikes(FaultPoint.Rcpt, client, "a@x", to);
        Assert.True(Asked());
        rig.Time.Advance(Minute * 4);
        Assert.True(Asked());
        rig.Time.Advance(Minute);
        Assert.False(Asked());
        Assert.False(Asked("192.0.2.200"), "The same /24 is the same client.");
        Assert.True(Asked("192.0.3.1"));
        Assert.True(Asked(to: "c@y"));
        Assert.False(Asked());
    }

    [Fact]
    public void Greylist_BehindTheWindow_BeginsAnew()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','action':{'type':'greylist','key':'sender','minDelay':'00:01:00','window':'00:10:00'}}");
        Assert.True(rig.Strikes(FaultPoint.Mail, from: "a@x"));
        rig.Time.Advance(Minute * 11);
        Assert.True(rig.Strikes(FaultPoint.Mail, from: "a@x"));
        rig.Time.Advance(Minute);
        Assert.False(rig.Strikes(FaultPoint.Mail, from: "a@x"));
    }

    [Fact]
    public void Greylist_Attempts_LetsTheNthPassAtOnce()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'rcpt','action':{'type':'greylist','attempts':3}}");
        Assert.Equal("xx..", string.Concat(Enumerable.Range(0, 4)
            .Select(_ => rig.Strikes(FaultPoint.Rcpt, from: "a@x", to: "b@y") ? 'x' : '.')));
    }

    [Fact]
    public void Limit_ConcurrentSessions_RefusesUntilOneIsOver()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'greeting','action':{'type':'limit','maxConcurrentPerClient':2}}");
        var (first, firstFacts) = rig.Session();
        var (second, secondFacts) = rig.Session();
        Assert.Null(first.OnCommand(FaultPoint.Greeting, firstFacts));
        Assert.Null(second.OnCommand(FaultPoint.Greeting, secondFacts));
        var (third, thirdFacts) = rig.Session();
        var strike = third.OnCommand(FaultPoint.Greeting, thirdFacts)!;
        Assert.Equal("421 4.7.0 Too many connections, try again later\r\n", Said.By(strike, ""));
        Assert.Equal(new ReplyStep.End(EndKind.Fin), Said.Steps(strike, "")[^1]);
        third.Over();
        Assert.False(rig.Strikes(FaultPoint.Greeting, client: "192.0.2.2"), "Another client has its own limit.");
        first.Over();
        var (fourth, fourthFacts) = rig.Session();
        Assert.Null(fourth.OnCommand(FaultPoint.Greeting, fourthFacts));
    }

    [Fact]
    public void Limit_ConnectionsPerMinute_RefusesAboveTheRate()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'greeting','action':{'type':'limit','connectionsPerMinute':3}}");
        Assert.Equal("...xx", rig.Pattern(5, FaultPoint.Greeting));
        rig.Time.Advance(Minute);
        Assert.Equal("...x", rig.Pattern(4, FaultPoint.Greeting));
    }

    [Fact]
    public void Limit_MessagesPerMinute_Answers450()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','action':{'type':'limit','messagesPerMinute':1}}");
        Assert.False(rig.Strikes(FaultPoint.Mail));
        var (faults, facts) = rig.Session();
        Assert.StartsWith("450 4.7.1 ", Said.By(faults.OnCommand(FaultPoint.Mail, facts)!, ""), StringComparison.Ordinal);
    }

    [Fact]
    public void Limit_RecipientsPerMessage_RefusesThoseAbove()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'rcpt','action':{'type':'limit','recipientsPerMessage':2}}");
        var (faults, facts) = rig.Session();
        Assert.Equal([false, false, true], Enumerable.Range(1, 3).Select(n =>
        {
            facts.RecipientCount = n;
            return faults.OnCommand(FaultPoint.Rcpt, facts) is { } strike
                && Said.By(strike, "").StartsWith("452 4.5.3 ", StringComparison.Ordinal);
        }));
    }
}
