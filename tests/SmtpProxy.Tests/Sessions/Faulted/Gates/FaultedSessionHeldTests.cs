using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Tests.Faults;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>Who is read, who is late and what strikes next while something is held, and after that.</summary>
public sealed class FaultedSessionHeldTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Client_WhoseCommandIsHeld_IsReadNoFurther()
    {
        var bed = Greeted(new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeForward = 2 * Second));
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Pass(Second);
        Assert.True(bed.Sim.Pair.ClientLeg.IsPaused);
        bed.Sim.Pass(2 * Second);
        Assert.False(bed.Sim.Pair.ClientLeg.IsPaused);
    }

    [Fact]
    public void Client_OfARelayWhoseSpeedIsLimited_IsReadNoFurtherThanThat()
    {
        var bed = Greeted(new FakeFaults().At(FaultPoint.Noop, static s => s.Throttle = new ThrottleSpec(10, 10, true, false)));
        bed.Sim.Client.Says("NOOP\r\nRSET\r\n");
        bed.Sim.Run();
        Assert.True(bed.Sim.Pair.ClientLeg.IsPaused);
        bed.Sim.Pass(3 * Second);
        Assert.Equal(("NOOP\r\nRSET\r\n", false), (bed.Sim.Relay.Heard, bed.Sim.Pair.ClientLeg.IsPaused));
    }

    /// <summary>Its time ran out while a rule held the session; it has all of it again after that, and no more.</summary>
    [Fact]
    public void Client_SilentWhileNothingGoesOn_IsLateAfterItsWholeTime()
    {
        var faults = new FakeFaults { Age = 10 * Second }
            .At(FaultPoint.Elapsed, static s => s.Reply = static _ => [new ReplyStep.Pause(45 * Second)]);
        var bed = Greeted(faults, new SessionLimits { ClientIdle = 30 * Second });
        bed.Sim.Pass(80 * Second);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(10 * Second);
        Assert.Equal((EndKind.Fin, 1), (bed.Sim.Client.End, bed.Limits("idle_timeout")));
    }

    /// <summary>Of each rule, however many there are.</summary>
    [Fact]
    public void Ages_ForWhichRulesWait_StrikeOneAfterTheOther()
    {
        using var rig = new FaultRig();
        rig.Put("slow", "{'at':'elapsed','afterTime':'00:00:05','action':{'type':'throttle','bytesPerSecond':1000}}");
        rig.Put("end", "{'at':'elapsed','afterTime':'00:00:10','action':{'type':'close'}}");
        var bed = Greeted(rig.Engine);
        bed.Sim.Pass(9 * Second);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(2 * Second);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        bed.Sim.RunToEnd();
        var struck = bed.Record.GetProperty("faults").EnumerateArray();
        Assert.Equal(["slow", "end"], struck.Select(static f => f.GetProperty("rule").GetString()));
    }

    /// <summary>How old the session is when the time has come, and not when something was last said.</summary>
    [Fact]
    public void Silence_OfASessionThatIsOldByThen_IsStruck()
    {
        using var rig = new FaultRig();
        rig.Put("it", "{'at':'idle','afterTime':'00:00:10','match':{'elapsed':{'min':'00:00:08'}},'action':{'type':'close'}}");
        var bed = Greeted(rig.Engine);
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 ok\r\n");
        bed.Sim.Pass(9 * Second);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(2 * Second);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
    }

    /// <summary>The time of a hold that a halt has ended means nothing to what is held after it.</summary>
    [Fact]
    public void Stall_AfterAHoldThatAHaltEnded_LastsUntilAPeerCloses()
    {
        using var rig = new FaultRig();
        rig.Put("hold", "{'at':'noop','action':{'type':'delay','duration':'00:00:50'}}");
        rig.Put("stall", "{'at':'vrfy','action':{'type':'stall','untilPeerCloses':true}}");
        var bed = Greeted(rig.Engine);
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Awaits("VRFY a\r\n").Says("252 a\r\n");
        bed.Sim.Pass(Second);
        Assert.Equal("220 mx\r\n", bed.Sim.Client.Heard);
        rig.Engine.Switch.Halt("enough", "test");
        bed.Sim.Run();
        Assert.Equal("220 mx\r\n250 noop\r\n", bed.Sim.Client.Heard);
        rig.Engine.Switch.Resume();
        bed.Sim.Client.Says("VRFY a\r\n");
        bed.Sim.Pass(60 * Second);
        Assert.Equal(("VRFY a\r\n", "220 mx\r\n250 noop\r\n"), (bed.Sim.Relay.Heard["NOOP\r\n".Length..], bed.Sim.Client.Heard));
        Assert.Null(bed.Sim.Client.End);
    }

    /// <summary>A stall that lasts until a peer closes lasts no longer than the client, whatever the relay does.</summary>
    [Fact]
    public void Stall_OfAClientThatHalfCloses_IsOverThen()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.Reply = static _ =>
            [new ReplyStep.Stall(null, Leg.Client, false), new ReplyStep.Say("450 injected\r\n"u8.ToArray())]);
        var bed = Greeted(faults);
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n");
        bed.Sim.Pass(Second);
        Assert.Equal("220 mx\r\n", bed.Sim.Client.Heard);
        bed.Sim.Client.Fin();
        bed.Sim.Pass(Second);
        Assert.Equal("220 mx\r\n450 injected\r\n", bed.Sim.Client.Heard);
    }

    /// <summary>A relay that has left hears no more, whatever waited for it.</summary>
    [Fact]
    public void Octets_ThatWaitForARelayThatHasLeft_GoNowhere()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s =>
            (s.Throttle, s.BeforeReply) = (new ThrottleSpec(1, 6, true, false), 5 * Second));
        var bed = Greeted(faults);
        bed.Sim.Client.Says("NOOP\r\nVRFY aaaaaaaaaaaaaaaaaaaa\r\n");
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Fin();
        bed.Sim.Pass(6 * Second);
        var heard = bed.Sim.Relay.Heard;
        Assert.Equal(("220 mx\r\n250 noop\r\n", EndKind.Fin), (bed.Sim.Client.Heard[..18], bed.Sim.Relay.End));
        bed.Sim.RunToEnd();
        Assert.Equal(heard, bed.Sim.Relay.Heard);
        Assert.StartsWith("NOOP\r\n", heard, StringComparison.Ordinal);
        Assert.DoesNotContain("a\r\n", heard, StringComparison.Ordinal);
    }

    /// <summary>It goes as it comes, though nobody can say yet what it is.</summary>
    [Fact]
    public void Hello_InPieces_PassesAtOnce()
    {
        var bed = Greeted(new FakeFaults().At(FaultPoint.Vrfy, static s => s.Withhold = true));
        foreach (var octet in "\u0016\u0003\u0001\u0000\u0010\u0001\u0000\u0000\u000cxxxxxxxxxxxx")
        {
            bed.Sim.Client.Says(octet.ToString());
            bed.Sim.Run();
            Assert.Equal(bed.Sim.Client.Said, bed.Sim.Relay.Heard);
        }
    }

    /// <summary>The last words that a reply may have before it is too long to be changed.</summary>
    [Theory]
    [InlineData(64 * 1024, true)]
    [InlineData(64 * 1024 + 1, false)]
    public void Reply_AsLongAsOneMayBe_IsStruck(int length, bool isStruck)
    {
        var bed = Greeted(new FakeFaults().Behind(FaultPoint.Noop, static s =>
            s.Reply = static _ => [new ReplyStep.Say("450 injected\r\n"u8.ToArray())]));
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Run();
        var reply = string.Concat(Enumerable.Repeat("250-" + new string('x', 58) + "\r\n", 1023)) + "250 ";
        bed.Sim.Relay.Says(reply + new string('y', length - reply.Length));
        bed.Sim.Run();
        bed.Sim.Relay.Says("\r\n");
        bed.Sim.Run();
        Assert.Equal(isStruck, bed.Sim.Client.Heard.EndsWith("450 injected\r\n", StringComparison.Ordinal));
        Assert.Equal(!isStruck, bed.Sim.Client.Heard.EndsWith("yy\r\n", StringComparison.Ordinal));
    }

    /// <summary>A line that is longer than any command passes unread; one octet less is waited for to be whole.</summary>
    [Theory]
    [InlineData(64 * 1024, false)]
    [InlineData(64 * 1024 + 1, true)]
    public void Line_LongerThanIsLookedAt_PassesUnread(int length, bool passes)
    {
        var bed = Greeted(new FakeFaults().At(FaultPoint.Vrfy, static s => s.Withhold = true));
        bed.Sim.Client.Says(new string('x', length));
        bed.Sim.Run();
        Assert.Equal(passes ? length : 0, bed.Sim.Relay.Octets.Count);
        Assert.False(bed.Sim.Pair.ClientLeg.IsPaused);
    }

    /// <summary>What waited for a reply is asked with that, and it is the relay that is waited for from then on.</summary>
    [Fact]
    public void Time_OfARelayThatAnswersWhatHadWaited_IsTheRelays()
    {
        var bed = Greeted(new FakeFaults());
        bed.Sim.Client.Says("AUTH PLAIN\r\nNOOP\r\n").Awaits("250 noop\r\n").Fin();
        bed.Sim.Relay.Awaits("AUTH PLAIN\r\n").Says("535 no\r\n").Awaits("NOOP\r\n").Waits(10 * Second).Says("250 noop\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.InRange(bed.Record.GetProperty("relay_ms").GetDouble(), 10_000, 10_100);
        Assert.InRange(bed.Record.GetProperty("client_ms").GetDouble(), 0, 100);
    }

    /// <summary>A relay that has left may listen still: it hears what was held, and its client's end behind that.</summary>
    [Fact]
    public void End_BehindACommandThatIsHeld_ForARelayThatHasLeft_GoesBehindIt()
    {
        var bed = Greeted(new FakeFaults().At(FaultPoint.Auth, static s => s.BeforeForward = 10 * Second));
        var words = "AUTH PLAIN\r\n" + new string('x', 20_000);
        bed.Sim.Client.Says(words);
        bed.Sim.Run();
        bed.Sim.Relay.Fin();
        bed.Sim.Client.Fin();
        bed.Sim.Pass(5 * Second);
        Assert.Equal((0, null), (bed.Sim.Relay.Octets.Count, bed.Sim.Relay.End));
        bed.Sim.Pass(6 * Second);
        Assert.Equal((words.Length, EndKind.Fin), (bed.Sim.Relay.Octets.Count, bed.Sim.Relay.End));
    }

    private static SessionBed Greeted(IFaultEngine faults, SessionLimits? limits = null)
    {
        var bed = new SessionBed(limits, faults: faults);
        bed.Sim.Client.Awaits("220 mx\r\n");
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Run();
        return bed;
    }
}
