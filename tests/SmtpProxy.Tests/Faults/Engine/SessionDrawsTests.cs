using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;

namespace SmtpProxy.Tests.Faults.Engine;

/// <summary>What a draw is made for, and how often: whoever has the seed and the key of an injection gets the same number again.</summary>
public sealed class SessionDrawsTests
{
    private const string Mail = "'at':'rcpt','action':{'type':'throttle','bytesPerSecond':9}";
    private const string Early = "'at':'noop','action':{'type':'throttle','bytesPerSecond':9}";

    /// <summary>Two recipients, the second one again as a new message, the first one again, and it with another that is drawn for first.
    /// </summary>
    [Theory]
    [InlineData("connection", false, "submission\n1:1 submission\n1:1 submission\n1:1 submission\n1:1 submission\n1:1")]
    [InlineData("transaction", true, "a@x\nb@y:1 a@x\nb@y:1 a@x\nc@y:1 a@x\nb@y:2 a@x\nb@y:3")]
    [InlineData("occurrence", true, "a@x\nb@y:1 a@x\nc@y:1 a@x\nc@y:2 a@x\nb@y:2 a@x\nc@y:3")]
    public void Key_OfAMessage_IsMadeOfWhatTheDrawIsFor(string sampleBy, bool namesPeople, string keys)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'sampleBy':'{sampleBy}',{Mail}}}");
        var (faults, facts) = rig.Session();
        var drawn = new List<string>();
        foreach (var (transaction, first, to) in ((int, string, string)[])[(1, "b@y", "b@y"), (1, "b@y", "c@y"), (2, "c@y", "c@y"),
            (3, "b@y", "b@y"), (4, "b@y", "c@y")])
        {
            (facts.MailFrom, facts.Transactions, facts.FirstRcptTo, facts.RcptTo) = ("a@x", transaction, first, to);
            rig.Engine.Explain(facts);
            var injection = Assert.Single(faults.OnCommand(FaultPoint.Rcpt, facts)!.Injections);
            Assert.Equal(namesPeople, injection.NamesPeople);
            drawn.Add(injection.DecisionKey);
        }

        Assert.Equal(keys.Split(' ').Select(Key), drawn);
    }

    /// <summary>Twice in each of two sessions of one client.</summary>
    [Theory]
    [InlineData("connection", "submission\n1:1 submission\n1:1 submission\n2:1 submission\n2:1")]
    [InlineData("transaction", "192.0.2.1\n1\nNoop:1 192.0.2.1\n1\nNoop:1 192.0.2.1\n2\nNoop:1 192.0.2.1\n2\nNoop:1")]
    [InlineData("occurrence", "192.0.2.1\n1\nNoop:1 192.0.2.1\n1\nNoop:2 192.0.2.1\n2\nNoop:1 192.0.2.1\n2\nNoop:2")]
    public void Key_BeforeThereIsAMessage_IsMadeOfTheClientsSession(string sampleBy, string keys)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'sampleBy':'{sampleBy}',{Early}}}");
        var drawn = new List<string>();
        for (var session = 0; session < 2; session++)
        {
            var (faults, facts) = rig.Session();
            for (var time = 0; time < 2; time++)
            {
                var injection = Assert.Single(faults.OnCommand(FaultPoint.Noop, facts)!.Injections);
                Assert.False(injection.NamesPeople);
                drawn.Add(injection.DecisionKey);
            }
        }

        Assert.Equal(keys.Split(' ').Select(Key), drawn);
    }

    /// <summary>Where the first draw of a message is made late, it is made for whom it was for first all the same.</summary>
    [Fact]
    public void Key_OfATransactionThatIsDrawnForLate_IsOfItsFirstRecipient()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'sampleBy':'transaction','at':'data','action':{'type':'throttle','bytesPerSecond':9}}");
        var (faults, facts) = rig.Session();
        (facts.MailFrom, facts.Transactions, facts.FirstRcptTo, facts.RcptTo) = ("a@x", 1, "b@y", "c@y");
        Assert.Equal(Key("a@x\nb@y:1"), Assert.Single(faults.OnCommand(FaultPoint.Data, facts)!.Injections).DecisionKey);
    }

    /// <summary>Whatever the client has said since: who sends the same again, and waits for each reply, has the same drawn.</summary>
    [Fact]
    public void Key_OfAReply_IsOfTheCommandThatItAnswers()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'rcpt','match':{'upstreamReply':'2xx'},'action':{'type':'extraReply'}}");
        var (faults, facts) = rig.Session(from: "a@x", to: "b@y");
        var known = facts.Snapshot();
        (facts.RcptTo, facts.Point, known.RelayCode) = ("c@y", FaultPoint.Data, 250);
        Assert.Equal(Key("a@x\nb@y:1"), Assert.Single(faults.OnReply(FaultPoint.Rcpt, known)!.Injections).DecisionKey);
    }

    /// <summary>What is imagined is a first session of its listener and its client.</summary>
    [Theory]
    [InlineData("connection", "submission\n1:1")]
    [InlineData("occurrence", "192.0.2.1\n1\nNoop:1")]
    public void Draw_ThatIsExplained_IsOfAFirstSession(string sampleBy, string key)
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'sampleBy':'{sampleBy}',{Early}}}");
        Assert.Equal(KeyedDraw.Of(FaultRig.Bold.Seed, "it", Key(key).Split(':')[0], 1),
            Assert.Single(Assert.Single(rig.Engine.Explain(FaultRig.Facts())).Rules).Draw);
    }

    /// <summary>A draw stands for as long as it says, but not for a rule of the same name that draws for something else.</summary>
    [Fact]
    public void Rule_ThatIsMadeAgainWithinASession_DrawsForWhatItSaysNow()
    {
        using var rig = new FaultRig();
        var (faults, facts) = rig.Session();
        var drawn = new List<string>();
        foreach (var sampleBy in (string[])["occurrence", "connection", "occurrence"])
        {
            rig.Put("it", $"{{'sampleBy':'{sampleBy}',{Early}}}");
            drawn.Add(Assert.Single(faults.OnCommand(FaultPoint.Noop, facts)!.Injections).DecisionKey);
        }

        Assert.Equal([Key("192.0.2.1\n1\nNoop:1"), Key("submission\n1:1"), Key("192.0.2.1\n1\nNoop:1")], drawn);
    }

    /// <summary>A time is the first number of the chain that begins with the draw, at each draw.</summary>
    [Fact]
    public void Times_OfADraw_AreTheChainThatBeginsWithIt()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'noop','action':{'type':'delay','min':'00:00:01','max':'00:00:06'}}");
        var (faults, facts) = rig.Session();
        for (var ordinal = 1; ordinal <= 3; ordinal++)
        {
            var strike = faults.OnCommand(FaultPoint.Noop, facts)!;
            var key = Assert.Single(strike.Injections).DecisionKey.Split(':')[0];
            Assert.Equal(
                TimeSpan.FromSeconds(1) + (TimeSpan.FromSeconds(5) * KeyedDraw.Of(FaultRig.Bold.Seed, "it", $"{key}+1", ordinal)),
                strike.BeforeReply);
        }
    }

    /// <summary>What is gone on with has the times that it would have had at once.</summary>
    [Fact]
    public async Task Times_OfADrawThatAFleetWasAskedAfter_AreTheSameChain()
    {
        var fleet = new FakeFleet();
        using var rig = new FaultRig(fleet: fleet);
        var rule = FaultRig.Json("{'ttl':'01:00:00','at':'noop','budget':{'maxInjections':9},"
            + "'action':{'type':'delay','min':'00:00:01','max':'00:00:06'}}");
        await rig.Engine.Desk.PutAsync("it", rule, null);
        var (faults, facts) = rig.Session();
        Assert.Null(faults.OnCommand(FaultPoint.Noop, facts));
        fleet.Answer();
        var strike = faults.OnCommand(FaultPoint.Noop, facts)!;
        var key = Assert.Single(strike.Injections).DecisionKey.Split(':')[0];
        Assert.Equal(TimeSpan.FromSeconds(1) + (TimeSpan.FromSeconds(5) * KeyedDraw.Of(FaultRig.Bold.Seed, "it", $"{key}+1", 1)),
            strike.BeforeReply);
    }

    /// <summary>Who begins again draws again: the same sessions have the same faults.</summary>
    [Fact]
    public void Sessions_AfterAReset_AreNumberedAnew()
    {
        using var rig = new FaultRig();
        var drawn = new List<string>();
        for (var run = 0; run < 2; run++)
        {
            rig.Put("it", $"{{'sampleBy':'connection',{Early}}}");
            var (faults, facts) = rig.Session();
            drawn.Add(Assert.Single(faults.OnCommand(FaultPoint.Noop, facts)!.Injections).DecisionKey);
            rig.Engine.Reset();
        }

        Assert.Equal([Key("submission\n1:1"), Key("submission\n1:1")], drawn);
    }

    /// <summary>Struck is what is drawn below the probability, so that 0 is never and 1 is always.</summary>
    [Fact]
    public void Draw_ThatIsTheProbability_IsNotBelowIt()
    {
        var draw = KeyedDraw.Of(FaultRig.Bold.Seed, "it", Key("submission\n1:1").Split(':')[0], 1);
        Assert.Equal(".", Struck(draw));
        Assert.Equal("x", Struck(Math.BitIncrement(draw)));

        static string Struck(double probability)
        {
            using var rig = new FaultRig();
            var text = probability.ToString("R", CultureInfo.InvariantCulture);
            rig.Put("it", $"{{'sampleBy':'connection','probability':{text},{Early}}}");
            return rig.Pattern(1, FaultPoint.Noop);
        }
    }

    /// <summary>The key and the ordinal as they are told: the first 64 bits of HMAC-SHA256, keyed with the seed.</summary>
    private static string Key(string what)
    {
        Span<byte> secret = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(secret, FaultRig.Bold.Seed);
        var colon = what.LastIndexOf(':');
        return Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(what[..colon])).AsSpan(0, 8)) + what[colon..];
    }
}
