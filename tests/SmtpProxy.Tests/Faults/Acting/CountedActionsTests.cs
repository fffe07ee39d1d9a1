using System.Net;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Tests.Faults.Acting;

/// <summary>Actions that count attempts, sessions and messages: at their boundaries, and when they are only asked.</summary>
public sealed class CountedActionsTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Theory]
    [InlineData("client", "192.0.2.200", "x@y", "z@y", false)]
    [InlineData("client", "192.0.3.1", "a@x", "b@y", true)]
    [InlineData("sender", "203.0.113.9", "a@x", "z@y", false)]
    [InlineData("sender", "192.0.2.1", "x@y", "b@y", true)]
    [InlineData("recipient", "203.0.113.9", "x@y", "b@y", false)]
    [InlineData("recipient", "192.0.2.1", "a@x", "z@y", true)]
    [InlineData("triplet", "192.0.2.200", "a@x", "b@y", false)]
    [InlineData("triplet", "192.0.2.1", "a@x", "z@y", true)]
    [InlineData("triplet", "192.0.2.1", "x@y", "b@y", true)]
    public void Greylist_OfAKey_KnowsWhatIsTheSame(string key, string client, string from, string to, bool isNew)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'at':'rcpt','action':{{'type':'greylist','key':'{key}','attempts':2}}}}");
        Assert.True(rig.Strikes(FaultPoint.Rcpt, "192.0.2.1", "a@x", "b@y"));
        Assert.Equal(isNew, rig.Strikes(FaultPoint.Rcpt, client, from, to));
    }

    [Fact]
    public void Greylist_AtItsBoundaries_PassesFromMinDelayToTheEndOfTheWindow()
    {
        using var rig = new FaultRig(FaultRig.Bold with { MaxTtl = TimeSpan.FromDays(1) });
        rig.Put("it", "{'ttl':'12:00:00','at':'rcpt','action':{'type':'greylist'}}");
        bool Struck() => rig.Strikes(FaultPoint.Rcpt, from: "a@x", to: "b@y");
        Assert.True(Struck());
        rig.Time.Advance(TimeSpan.FromMinutes(5) - Tick);
        Assert.True(Struck());
        rig.Time.Advance(Tick);
        Assert.False(Struck());
        rig.Time.Advance(TimeSpan.FromMinutes(235));
        Assert.False(Struck());
        rig.Time.Advance(Tick);
        Assert.True(Struck());
    }

    [Fact]
    public void Greylist_ThatIsExplained_HasCountedNothing()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'rcpt','action':{'type':'greylist','attempts':2}}");
        var (_, facts) = rig.Session(from: "a@x", to: "b@y");
        for (var n = 0; n < 3; n++)
        {
            Assert.True(Assert.Single(Assert.Single(rig.Engine.Explain(facts)).Rules).Fires);
        }

        Assert.True(rig.Strikes(FaultPoint.Rcpt, from: "a@x", to: "b@y"));
        for (var n = 0; n < 3; n++)
        {
            Assert.False(Assert.Single(Assert.Single(rig.Engine.Explain(facts)).Rules).Fires);
        }

        Assert.False(rig.Strikes(FaultPoint.Rcpt, from: "a@x", to: "b@y"));
        rig.Engine.Rules.Current.All[0].Reset();
        Assert.True(rig.Strikes(FaultPoint.Rcpt, from: "a@x", to: "b@y"), "What it kept is forgotten.");
    }

    [Fact]
    public void Limit_ThatIsExplained_HasCountedNothing()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','action':{'type':'limit','messagesPerMinute':1}}");
        var (_, facts) = rig.Session();
        for (var n = 0; n < 3; n++)
        {
            Assert.False(Assert.Single(Assert.Single(rig.Engine.Explain(facts)).Rules).Fires);
        }

        Assert.Equal(".xx", rig.Pattern(3));
        Assert.True(Assert.Single(Assert.Single(rig.Engine.Explain(facts)).Rules).Fires);
        Assert.Equal(".", rig.Pattern(1, client: "192.0.2.2"));
        rig.Time.Advance(TimeSpan.FromMinutes(1) - Tick);
        Assert.Equal("x", rig.Pattern(1));
        rig.Engine.Rules.Current.All[0].Reset();
        Assert.Equal(".x", rig.Pattern(2));
    }

    /// <summary>There is room for the counts of 100,000 clients, and all begin anew beyond that.</summary>
    [Fact]
    public void Limit_ThatIsExplainedForMoreClientsThanItRemembers_KeepsWhatItCounted()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'mail','action':{'type':'limit','messagesPerMinute':1}}");
        Assert.Equal(".x", rig.Pattern(2));

        for (var n = 1; n <= 100_001; n++)
        {
            var facts = FaultRig.Facts("imagined", new System.Net.IPAddress(n).ToString());
            Assert.False(Assert.Single(Assert.Single(rig.Engine.Explain(facts)).Rules).Fires);
        }

        Assert.Equal("x", rig.Pattern(1));
    }

    [Fact]
    public void Limit_OfConcurrency_CountsThoseItRefusedUntilTheyAreOver()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'greeting','action':{'type':'limit','maxConcurrentPerClient':1}}");
        (ISessionFaults Faults, bool Refused) Open()
        {
            var (faults, facts) = rig.Session();
            return (faults, faults.OnCommand(FaultPoint.Greeting, facts) is not null);
        }

        var (first, second) = (Open(), Open());
        Assert.Equal((false, true), (first.Refused, second.Refused));
        first.Faults.Over();
        Assert.True(Open() is { Refused: true } and var third && Over(third.Faults));
        second.Faults.Over();
        Assert.False(Open().Refused);

        static bool Over(ISessionFaults faults)
        {
            faults.Over();
            return true;
        }
    }

    [Theory]
    [InlineData("192.0.2.129", 24, 64, "192.0.2.0")]
    [InlineData("192.0.2.129", 25, 64, "192.0.2.128")]
    [InlineData("192.0.2.129", 32, 64, "192.0.2.129")]
    [InlineData("192.0.2.129", 0, 64, "0.0.0.0")]
    [InlineData("192.0.2.129", 7, 64, "192.0.0.0")]
    [InlineData("2001:db8:1:2:3:4:5:6", 24, 64, "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2:3:4:5:6", 24, 47, "2001:db8::")]
    [InlineData("2001:db8:1:2:3:4:5:6", 24, 128, "2001:db8:1:2:3:4:5:6")]
    public void Prefix_OfAClient_IsItsFirstBits(string client, int v4, int v6, string expected) =>
        Assert.Equal(expected, ClientPrefix.Of(IPAddress.Parse(client), v4, v6));

    [Theory]
    [InlineData("2xx 451", 200, true)]
    [InlineData("2xx 451", 299, true)]
    [InlineData("2XX", 199, false)]
    [InlineData("2xx", 300, false)]
    [InlineData("5xx", 599, true)]
    [InlineData("599", 599, true)]
    [InlineData("200", 200, true)]
    [InlineData("451", 451, true)]
    [InlineData("451", 450, false)]
    [InlineData("451", 452, false)]
    [InlineData("", 0, true)]
    public void Codes_OfReplies_AreClassesAndNumbers(string codes, int code, bool includes)
    {
        var errors = new List<RuleError>();
        var read = ReplyCodes.Of(codes.Split(' ', StringSplitOptions.RemoveEmptyEntries), "it", errors);
        Assert.Empty(errors);
        Assert.Equal((includes, codes.Length == 0), (read.Includes(code), read.IsAny));
        Assert.Equal(codes.ToLowerInvariant().Replace(" ", ", ", StringComparison.Ordinal), read.ToString());
    }

    [Theory]
    [InlineData("1xx")]
    [InlineData("6xx")]
    [InlineData("2x")]
    [InlineData("2xxx")]
    [InlineData("199")]
    [InlineData("600")]
    [InlineData("+25")]
    [InlineData("")]
    public void Codes_ThatAreNone_AreRefused(string code)
    {
        var errors = new List<RuleError>();
        ReplyCodes.Of([code], "it", errors);
        Assert.Equal(("it", $"\"{code}\" is neither a class such as 2xx nor a code such as 451"),
            (Assert.Single(errors).Path, errors[0].Text));
    }

    [Theory]
    [InlineData("2xx", "250", true)]
    [InlineData("250", "251", false)]
    [InlineData("299", "3xx", false)]
    [InlineData("300", "3xx", true)]
    [InlineData("399", "3xx", true)]
    [InlineData("400", "3xx", false)]
    [InlineData("", "3xx", true)]
    [InlineData("3xx", "", true)]
    public void Codes_Share_WhatIsAmongBoth(string one, string other, bool shares)
    {
        ReplyCodes Of(string text) => ReplyCodes.Of(text.Length == 0 ? [] : [text], "it", []);
        Assert.Equal(shares, Of(one).Shares(Of(other)));
        Assert.Equal(shares, Of(other).Shares(Of(one)));
    }

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("a*", "a", true)]
    [InlineData("a*b*c", "aXbYbZc", true)]
    [InlineData("a*b*c", "aXbYbZ", false)]
    [InlineData("*.example", "MX.EXAMPLE", true)]
    [InlineData("**", "x", true)]
    [InlineData("a", "ab", false)]
    [InlineData("ab", "a", false)]
    [InlineData("", "", true)]
    [InlineData("<>", "", true)]
    [InlineData("<>", "<>", false)]
    [InlineData("domain:example.org", "a@Example.ORG", true)]
    [InlineData("DOMAIN:example.org", "a@b@example.org", true)]
    [InlineData("domain:example.org", "a@sub.example.org", false)]
    [InlineData("domain:example.org", "example.org", false)]
    [InlineData("domain:example.org", "@example.org", true)]
    public void Pattern_WithStars_FitsAnyTextInTheirPlace(string pattern, string text, bool fits) =>
        Assert.Equal(fits, new Glob(pattern).Fits(text));
}
