using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>Strikes that stall or end one side, or both, in the place of a reply.</summary>
public sealed class FaultedSessionStallTests
{
    /// <summary>Who is stalled gets nothing; where it is not read either, what it says stays with it. Then everything goes on.</summary>
    [Theory]
    [InlineData(null, false, false, false, false)]
    [InlineData(null, true, true, true, false)]
    [InlineData(Leg.Client, false, false, false, true)]
    [InlineData(Leg.Client, true, true, false, false)]
    [InlineData(Leg.Relay, false, false, false, false)]
    [InlineData(Leg.Relay, true, false, true, false)]
    public void Stall_OfASide_StopsWhatGoesToIt_AndItsReading_ForItsTime(
        Leg? only, bool stopReading, bool pausesClient, bool pausesRelay, bool reachesRelay)
    {
        var faults = new FakeFaults().Behind(FaultPoint.Mail, s =>
            s.Reply = real => [new ReplyStep.Stall(TimeSpan.FromSeconds(10), only, stopReading), new ReplyStep.Say(real)]);
        var bed = Mail(faults, static _ => { });
        bed.Sim.Relay.Says("250 a\r\n").Awaits("RCPT TO:<c@d>\r\n").Says("250 c\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Run();
        Assert.Equal((pausesClient, pausesRelay), (bed.Sim.Pair.ClientLeg.IsPaused, bed.Sim.Pair.RelayLeg.IsPaused));

        bed.Sim.Client.Says("RCPT TO:<c@d>\r\n").Awaits("250 c\r\n");
        bed.Sim.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(reachesRelay, bed.Sim.Relay.Heard.Contains("RCPT", StringComparison.Ordinal));
        Assert.DoesNotContain("250 a\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);

        bed.Sim.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal((false, false), (bed.Sim.Pair.ClientLeg.IsPaused, bed.Sim.Pair.RelayLeg.IsPaused));
        bed.Sim.Client.Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("250 a\r\n250 c\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.EndsWith("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nQUIT\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
        Assert.InRange(Assert.Single(faults.Injections).AddedDelay.TotalSeconds, 9.9, 10.1);
    }

    /// <summary>A stall that would have kept a reply from the client for good gives it, and so does one whose turn comes later.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Halt_OfStallsThatLastUntilAPeerCloses_GivesTheRepliesThatTheRelayGave(bool stopReading)
    {
        static Action<Strike> Forever(bool stopReading) => s =>
            s.Reply = _ => [new ReplyStep.Stall(null, Leg.Client, stopReading), new ReplyStep.End(EndKind.Reset)];
        var faults = new FakeFaults().Behind(FaultPoint.Mail, Forever(stopReading)).Behind(FaultPoint.Rcpt, Forever(stopReading));
        var bed = Mail(faults, static client => client.Says("RCPT TO:<c@d>\r\n").Awaits("550 c\r\n").Says("QUIT\r\n")
            .Awaits("221 bye\r\n").Fin());
        bed.Sim.Relay.Awaits("RCPT TO:<c@d>\r\n").Says("250 a\r\n550 c\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();

        bed.Sim.Pass(TimeSpan.FromHours(1));
        Assert.EndsWith("STARTTLS\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        faults.Halt();
        bed.Sim.RunToEnd();

        Assert.EndsWith("250 a\r\n550 c\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal([250, 550], faults.Injections.Select(static i => i.ClientCode));
        Assert.All(faults.Injections, static i => Assert.True(i.Released));
        Assert.Equal(["MAIL:250", "RCPT:550"], bed.Record.GetProperty("exchanges").EnumerateArray().Skip(1).Take(2)
            .Select(static e => $"{e.GetProperty("verb")}:{e.GetProperty("code")}"));
    }

    /// <summary>What the rule says itself comes after the stall in any case.</summary>
    [Fact]
    public void Halt_OfAStallAfterWhichTheRuleSpeaks_GivesWhatItSays()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Mail, static s => s.Reply = static _ =>
            [new ReplyStep.Stall(null, Leg.Client, StopReading: false), new ReplyStep.Say("451 injected\r\n"u8.ToArray())]);
        var bed = Mail(faults, static client => client.Awaits("451").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin());
        bed.Sim.Relay.Says("250 a\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Pass(TimeSpan.FromMinutes(1));
        faults.Halt();
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n451 injected\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>Nothing is given where the stall was over and only the end is left.</summary>
    [Fact]
    public void Halt_AfterAPauseBeforeTheEnd_EndsAsTheRuleSays()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Mail, static s => s.Reply = static _ =>
            [new ReplyStep.Pause(TimeSpan.FromHours(2)), new ReplyStep.End(EndKind.Reset)]);
        var bed = Mail(faults, static client => client.Awaits("never"));
        bed.Sim.Relay.Says("250 a\r\n");
        bed.Sim.Pass(TimeSpan.FromMinutes(1));
        Assert.Null(bed.Sim.Client.End);
        faults.Halt();
        bed.Sim.RunToEnd();
        Assert.Equal((EndKind.Reset, EndKind.Reset), (bed.Sim.Client.End, bed.Sim.Relay.End));
        Assert.EndsWith("STARTTLS\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EndKind.Fin, null, EndKind.Fin, EndKind.Fin, "")]
    [InlineData(EndKind.Reset, null, EndKind.Reset, EndKind.Reset, "")]
    [InlineData(EndKind.Fin, Leg.Client, EndKind.Fin, EndKind.Fin, "")]
    [InlineData(EndKind.Reset, Leg.Client, EndKind.Reset, EndKind.Reset, "")]
    [InlineData(EndKind.Fin, Leg.Relay, EndKind.Fin, EndKind.Fin, "250 2.0.0 Ok\r\n221 2.0.0 Bye\r\n")]
    [InlineData(EndKind.Reset, Leg.Relay, EndKind.Fin, EndKind.Reset, "250 2.0.0 Ok\r\n221 2.0.0 Bye\r\n")]
    public void End_OfASide_EndsItInThatWay_AndTheClientGoesOnWhereItsOwnStands(
        EndKind how, Leg? only, EndKind client, EndKind relay, string heard)
    {
        var faults = new FakeFaults().Behind(FaultPoint.Mail, s => s.Reply = _ => [new ReplyStep.End(how, only)]);
        var bed = Mail(faults, static _ => { });
        bed.Sim.Relay.Says("250 a\r\n");
        bed.Sim.Run();
        Assert.Equal((only == Leg.Relay ? null : client, only == Leg.Client && how == EndKind.Fin ? null : relay),
            (bed.Sim.Client.End, bed.Sim.Relay.End));
        bed.Sim.Client.Says(only == Leg.Relay ? "NOOP\r\nQUIT\r\n" : "").Waits(TimeSpan.FromSeconds(2)).Fin();
        bed.Sim.Relay.Waits(TimeSpan.FromSeconds(1)).Fin();

        bed.Sim.RunToEnd();

        Assert.EndsWith("STARTTLS\r\n" + heard, bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal((client, relay), (bed.Sim.Client.End, bed.Sim.Relay.End));
        Assert.Equal("fault", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(250, Assert.Single(faults.Injections).RelayCode);
    }

    /// <summary>Whoever pipelines has the answers to what came before the struck command, and then what the rule says.</summary>
    [Fact]
    public void Relay_TakenByARule_AnswersFirstWhatItWasAsked()
    {
        var faults = LeavesTheRelay();
        var bed = Mail(faults, static client => client.Says("RCPT TO:<c@d>\r\nQUIT\r\n").Awaits("221").Awaits("\r\n").Fin());
        bed.Sim.Run();
        Assert.EndsWith("STARTTLS\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        bed.Sim.Relay.Says("250 a\r\n");
        bed.Sim.RunToEnd();
        Assert.Contains("STARTTLS\r\n250 a\r\n550 injected\r\n221 ", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal((EndKind.Fin, EndKind.Reset), (bed.Sim.Client.End, bed.Sim.Relay.End));
        Assert.EndsWith("MAIL FROM:<a@b>\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal(550, Assert.Single(faults.Injections).ClientCode);
        Assert.Equal(["MAIL:250", "RCPT:550", "QUIT:221"], bed.Record.GetProperty("exchanges").EnumerateArray().TakeLast(3)
            .Select(static e => $"{e.GetProperty("verb")}:{e.GetProperty("code")}"));
    }

    /// <summary>What has not struck yet does not, once faults are halted: the relay has the command.</summary>
    [Fact]
    public void Halt_WhileTheRelayOwesAnswers_LetsTheCommandGo()
    {
        var faults = LeavesTheRelay();
        var bed = Mail(faults, static client => client.Says("RCPT TO:<c@d>\r\nQUIT\r\n").Awaits("221").Awaits("\r\n").Fin());
        bed.Sim.Run();
        faults.Halt();
        bed.Sim.Relay.Awaits("RCPT TO:<c@d>\r\n").Says("250 a\r\n250 c\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n250 a\r\n250 c\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>It is the relay's turn, and it has its time.</summary>
    [Fact]
    public void Relay_ThatAnswersNothing_BeforeARuleLeavesIt_HasNoMoreThanItsTime()
    {
        var faults = LeavesTheRelay();
        var bed = Mail(faults, static client => client.Says("RCPT TO:<c@d>\r\n").Awaits("421").Awaits("\r\n").Fin());
        bed.Sim.Pass(TimeSpan.FromMinutes(30));
        bed.Sim.RunToEnd();
        Assert.Contains("STARTTLS\r\n421 4.4.2 ", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal("timeout", bed.Record.GetProperty("outcome").GetString());
        Assert.True(Assert.Single(faults.Injections).Released);
    }

    private static FakeFaults LeavesTheRelay() => new FakeFaults().At(FaultPoint.Rcpt, static s =>
    {
        (s.Withhold, s.AbortRelay) = (true, EndKind.Reset);
        s.Reply = static _ => [new ReplyStep.Say("550 injected\r\n"u8.ToArray())];
    });

    private static SessionBed Mail(FakeFaults faults, Action<Simulation.SimulatedPeer> then)
    {
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("220 ").Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n").Says("MAIL FROM:<a@b>\r\n");
        then(bed.Sim.Client);
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply).Awaits("MAIL FROM:<a@b>\r\n");
        return bed;
    }
}
