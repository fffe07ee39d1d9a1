using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>When a reply passes that a rule waits for, in virtual time.</summary>
public sealed class ReplyGateTests
{
    private const string Prdr = "250-mx\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 PRDR\r\n";

    /// <summary>The client says NOOP when it has what the relay said last, and the relay goes on when it has heard that: a reply that waits
    /// for the next one would wait for ever.</summary>
    [Theory]
    [InlineData("DATA\r\n", "354 go\r\n", "x\r\n.\r\n")]
    [InlineData("BDAT 3 LAST\r\nx\r\n", null, "")]
    public void RepliesToOneMessage_ThatNothingStrikes_WaitForNoOther(string command, string? goAhead, string body)
    {
        string[] said = ["050 spooling\r\n", "353 one by one\r\n", "250 first\r\n", "000-\r\n", "not a reply\r\n", "450 second\r\n",
            "250 2.0.0 queued as 4F\r\n"];
        var bed = new SessionBed(faults: Watching());
        var (client, relay) = (bed.Sim.Client, bed.Sim.Relay);
        client.Awaits("220 ").Awaits("\r\n").Says("EHLO c\r\n").Awaits(" PRDR\r\n")
            .Says("MAIL FROM:<a@b> PRDR\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\n" + command);
        relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(Prdr).Awaits(command).Says("250 ok\r\n250 ok\r\n250 ok\r\n" + goAhead);
        if (goAhead is not null)
        {
            client.Awaits(goAhead).Says(body);
            relay.Awaits(body);
        }

        Step(bed, said);
        client.Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        relay.Awaits("QUIT\r\n").Says(string.Concat(said.Select(static _ => "250 noop\r\n")) + "221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.EndsWith(string.Concat(said) + string.Concat(said.Select(static _ => "250 noop\r\n")) + "221 bye\r\n", bed.Sim.Client.Heard,
            StringComparison.Ordinal);
        var transaction = bed.Record.GetProperty("transactions")[0];
        Assert.Equal("delivered", transaction.GetProperty("outcome").GetString());
        Assert.Equal("4F", transaction.GetProperty("queue_id").GetString());
    }

    [Fact]
    public void RepliesPerRecipient_OfLmtp_PassOneByOne()
    {
        string[] said = ["250 first\r\n", "450-not\r\n450 second\r\n", "250 third\r\n"];
        var bed = new SessionBed(faults: Watching());
        bed.Sim.Client.Awaits("220 ").Awaits("\r\n").Says("LHLO c\r\n").Awaits("PIPELINING\r\n")
            .Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nRCPT TO:<g@h>\r\nDATA\r\n").Awaits("354 go\r\n").Says("x\r\n.\r\n");
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("LHLO c\r\n").Says("250-mx\r\n250 PIPELINING\r\n").Awaits("DATA\r\n")
            .Says("250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n")
            .Awaits("\r\n.\r\n");
        Step(bed, said);
        bed.Sim.Client.Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("QUIT\r\n").Says("250 noop\r\n250 noop\r\n250 noop\r\n221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.EndsWith("354 go\r\n" + string.Concat(said) + "250 noop\r\n250 noop\r\n250 noop\r\n221 bye\r\n", bed.Sim.Client.Heard,
            StringComparison.Ordinal);
        Assert.Equal("partial", bed.Record.GetProperty("transactions")[0].GetProperty("outcome").GetString());
    }

    /// <summary>Lines that belong to no reply pass before it, also where it will be held, and however they are cut.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    [InlineData(4)]
    public void LinesWithoutAReply_BeforeAReplyThatIsHeld_AreNotHeldWithIt(int? seed)
    {
        var faults = new FakeFaults().Behind(FaultPoint.Greeting, static s => s.BeforeReply = TimeSpan.FromHours(1));
        var bed = new SessionBed(seed: seed, faults: faults);
        bed.Sim.Client.Awaits("000 wait\r\n050-a little\r\n").Awaits("220 mx\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says("000 wait\r\n050-a little\r\n220-mx\r\n220 mx\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();

        bed.Sim.Pass(TimeSpan.FromMinutes(30));
        Assert.Equal("000 wait\r\n050-a little\r\n", bed.Sim.Client.Heard);
        bed.Sim.RunToEnd();

        Assert.Equal("000 wait\r\n050-a little\r\n220-mx\r\n220 mx\r\n221 bye\r\n", bed.Sim.Client.Heard);
    }

    /// <summary>Of a reply that nothing strikes some has come while an earlier one is held: that goes when its turn has
    /// come, and before the rest.</summary>
    [Fact]
    public void ReplyThatNothingStrikes_CutWhileAnEarlierOneIsHeld_PassesInOrderAndInTime()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeReply = TimeSpan.FromSeconds(5));
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("NOOP\r\nHELP\r\n").Awaits("214-one\r\n").Says("VRFY a\r\n").Waits(TimeSpan.FromSeconds(20))
            .Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("HELP\r\n").Says("250 noop\r\n214-one\r\n").Awaits("VRFY a\r\n").Says("214-two\r\n")
            .Waits(TimeSpan.FromSeconds(1))
            .Says("214 three\r\n252 a\r\n").Waits(TimeSpan.FromSeconds(20)).Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.Greeting + "250 noop\r\n214-one\r\n214-two\r\n214 three\r\n252 a\r\n", bed.Sim.Client.Heard);
    }

    /// <summary>The beginning of words that nobody asked for comes while a reply is held: it does not overtake that.</summary>
    [Fact]
    public void WordsThatNobodyAskedFor_CutWhileAReplyIsHeld_PassAfterIt()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeReply = TimeSpan.FromSeconds(5));
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("NOOP\r\n").Waits(TimeSpan.FromSeconds(20)).Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("NOOP\r\n").Says("250 noop\r\n").Waits(TimeSpan.FromSeconds(1)).Says("421-I\r\n")
            .Waits(TimeSpan.FromSeconds(1)).Says("421 leave\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.Greeting + "250 noop\r\n421-I\r\n421 leave\r\n", bed.Sim.Client.Heard);
    }

    /// <summary>Each reply to a message is one that a rule can strike; 353 only announces them.</summary>
    [Fact]
    public void RepliesToOneMessage_StruckByTheirCodes_AreStruckOneByOne()
    {
        var faults = new FakeFaults();
        faults.Replies[FaultPoint.EndOfData] = static facts => facts.RelayCode is 450 or 353 ? static s => s.Reply = static _ =>
            [new ReplyStep.Say("250 injected\r\n"u8.ToArray())] : null;
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("220 ").Awaits("\r\n").Says("EHLO c\r\n").Awaits("PRDR\r\n")
            .Says("MAIL FROM:<a@b> PRDR\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n").Awaits("354 go\r\n")
            .Says("x\r\n.\r\nQUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(Prdr).Awaits("DATA\r\n").Says("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n")
            .Awaits("QUIT\r\n")
            .Says("353 one by one\r\n250 first\r\n450 second\r\n250 all\r\n221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.EndsWith("354 go\r\n353 one by one\r\n250 first\r\n250 injected\r\n250 all\r\n221 bye\r\n", bed.Sim.Client.Heard,
            StringComparison.Ordinal);
        var injection = Assert.Single(faults.Injections);
        Assert.Equal((250, 450), (injection.ClientCode, injection.RelayCode));
    }

    /// <summary>What was decided about the end of data falls on the first reply to it.</summary>
    [Fact]
    public void EndOfData_StruckBeforeItsReplies_TheFirstOfThemIsHeldAndTheOthersFollow()
    {
        var faults = new FakeFaults().At(FaultPoint.EndOfData, static s => s.BeforeReply = TimeSpan.FromSeconds(5));
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("220 ").Awaits("\r\n").Says("LHLO c\r\n").Awaits("PIPELINING\r\n")
            .Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n").Awaits("354 go\r\n")
            .Says("x\r\n.\r\n").Awaits("250 first\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("LHLO c\r\n").Says("250-mx\r\n250 PIPELINING\r\n").Awaits("DATA\r\n")
            .Says("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n").Awaits("\r\n.\r\n")
            .Says("250 first\r\n").Awaits("QUIT\r\n").Says("250 second\r\n221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.EndsWith("354 go\r\n250 first\r\n250 second\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.InRange(Assert.Single(faults.Injections).AddedDelay.TotalSeconds, 5, 5.1);
    }

    private static void Step(SessionBed bed, string[] said)
    {
        foreach (var line in said)
        {
            bed.Sim.Client.Awaits(line).Says("NOOP\r\n");
            bed.Sim.Relay.Says(line).Awaits("NOOP\r\n");
        }
    }

    /// <summary>Rules that wait for each reply and strike none.</summary>
    private static FakeFaults Watching()
    {
        var faults = new FakeFaults();
        foreach (var point in Enum.GetValues<FaultPoint>())
        {
            faults.Replies[point] = static _ => null;
        }

        return faults;
    }
}
