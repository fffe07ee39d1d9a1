using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>Rules that strike before there is a relay: at the connection, at each dial, at the greeting.</summary>
public sealed class DialGateTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>What is held at the connection, the dial and the greeting adds up; the dial's injection, where there is one, has it
    /// all.</summary>
    [Theory]
    [InlineData(2, 0, 0, "Connect:2")]
    [InlineData(0, 4, 0, "Dial:4")]
    [InlineData(0, 0, 8, "Greeting:8")]
    [InlineData(2, 0, 8, "Connect:10 Greeting:0")]
    [InlineData(2, 4, 8, "Dial:14 Connect:0 Greeting:0")]
    public void Dial_ThatIsHeld_IsMadeAfterAllThatHoldsIt(int connect, int dial, int greeting, string injected)
    {
        foreach (var asks in (bool[])[false, true])
        {
            var faults = new FakeFaults { MayAsk = asks };
            Hold(faults, FaultPoint.Connect, connect);
            Hold(faults, FaultPoint.Dial, dial);
            Hold(faults, FaultPoint.Greeting, greeting);
            var bed = Quit(faults);
            bed.Sim.Pass(((connect + dial + greeting) * Second) - (Second / 2));
            Assert.Empty(bed.Sim.Dials.Targets);
            Assert.Equal("", bed.Sim.Client.Heard);
            bed.Sim.Pass(Second);
            Assert.Single(bed.Sim.Dials.Targets);
            bed.Sim.RunToEnd();
            Assert.Equal("220 mx\r\n221 bye\r\n", bed.Sim.Client.Heard);
            Assert.Equal(injected, string.Join(' ', faults.Injections.Select(static i => $"{i.Point}:{i.AddedDelay.TotalSeconds:0}")));
            Assert.Equal(faults.Injections.Count, bed.Record.GetProperty("faults").GetArrayLength());
            var all = (connect + dial + greeting) * 1000;
            Assert.InRange(bed.Record.GetProperty("duration_ms").GetDouble(), all, all + 100);
        }
    }

    /// <summary>A dial that fails by a fault is as one that fails: the next relay serves, nobody dialled the first, and its health
    /// does not hear of it.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void Dial_ThatFailsByAFault_NextRelayServesAndTheFirstIsNotBlamed(int seconds)
    {
        foreach (var asks in (bool[])[false, true])
        {
            var asked = new List<string>();
            var faults = new FakeFaults { MayAsk = asks };
            foreach (var point in (FaultPoint[])[FaultPoint.Connect, FaultPoint.Dial, FaultPoint.Greeting])
            {
                faults.Commands[point] = facts =>
                {
                    asked.Add($"{point}:{facts.Destination}");
                    return point == FaultPoint.Dial && facts.Destination == "relay-0"
                        ? s => (s.DialFails, s.BeforeDial) = (DialOutcome.Refused, seconds * Second) : null;
                };
            }

            var bed = Quit(faults, relays: 2);
            bed.Sim.RunToEnd();

            Assert.Equal("220 mx\r\n221 bye\r\n", bed.Sim.Client.Heard);
            Assert.Single(bed.Sim.Dials.Targets);
            Assert.Equal(["relay-1:Greeted"], bed.Relays.Reports);
            Assert.Equal(["Connect:relay-0", "Dial:relay-0", "Greeting:relay-0", "Dial:relay-1"], asked);
            Assert.Equal((FaultPoint.Dial, seconds * Second), (faults.Injections.Single().Point, Whole(faults.Injections[0].AddedDelay)));
            Assert.Equal(seconds * Second, Whole(bed.Sim.Elapsed));
        }
    }

    [Fact]
    public void Dials_ThatAllFailByFaults_ClientIsToldThatNoRelayIsReached()
    {
        var faults = new FakeFaults().At(FaultPoint.Dial, static s => s.DialFails = DialOutcome.TimedOut);
        var bed = new SessionBed(relays: 2, faults: faults);
        bed.Sim.Client.Awaits("421").Awaits("\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.StartsWith("421 ", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Empty(bed.Sim.Dials.Targets);
        Assert.Empty(bed.Relays.Reports);
        Assert.Equal([FaultPoint.Dial, FaultPoint.Dial], faults.Injections.Select(static i => i.Point));
        Assert.Equal("connect_failed", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>The client is greeted by a fault at the connection, or at the greeting: nothing else is asked that is about a
    /// relay.</summary>
    [Theory]
    [InlineData(FaultPoint.Connect, 0, "Connect")]
    [InlineData(FaultPoint.Connect, 5, "Connect")]
    [InlineData(FaultPoint.Greeting, 5, "Connect Dial Greeting")]
    public void Greeting_ThatAFaultGives_ComesAfterItsHold_AndNoRelayIsDialled(FaultPoint at, int seconds, string points)
    {
        foreach (var asks in (bool[])[false, true])
        {
            var asked = new List<FaultPoint>();
            var faults = new FakeFaults { MayAsk = asks };
            foreach (var point in (FaultPoint[])[FaultPoint.Connect, FaultPoint.Dial, FaultPoint.Greeting])
            {
                faults.Commands[point] = _ =>
                {
                    asked.Add(point);
                    return point != at ? null : s =>
                    {
                        (s.Withhold, s.BeforeDial) = (true, seconds * Second);
                        s.Reply = static _ => [new ReplyStep.Say("554 injected\r\n"u8.ToArray())];
                    };
                };
            }

            var bed = new SessionBed(relays: 2, faults: faults);
            bed.Sim.Client.Awaits("554 injected\r\n").Says("NOOP\r\nQUIT\r\n").Awaits("221").Awaits("\r\n").Fin();
            bed.Sim.RunToEnd();

            Assert.Equal("554 injected\r\n503 5.5.1 Bad sequence of commands\r\n221 2.0.0 Bye\r\n", bed.Sim.Client.Heard);
            Assert.Equal(points, string.Join(' ', asked));
            Assert.Empty(bed.Sim.Dials.Targets);
            Assert.Empty(bed.Relays.Reports);
            Assert.Equal((554, seconds * Second), (faults.Injections.Single().ClientCode, Whole(faults.Injections[0].AddedDelay)));
            Assert.Equal(seconds * Second, Whole(bed.Sim.Elapsed));
        }
    }

    /// <summary>A rule ends the session in the place of the greeting: that is the end, and no relay is blamed for it.</summary>
    [Theory]
    [InlineData(true, EndKind.Fin)]
    [InlineData(true, EndKind.Reset)]
    [InlineData(false, EndKind.Fin)]
    [InlineData(false, EndKind.Reset)]
    public void Session_EndedInThePlaceOfTheGreeting_IsNotTakenToAnotherRelay(bool withholds, EndKind how)
    {
        var faults = new FakeFaults().At(FaultPoint.Greeting, s =>
        {
            s.Withhold = withholds;
            s.Reply = _ => [new ReplyStep.End(how)];
        });
        var bed = new SessionBed(relays: 2, faults: faults);
        bed.Sim.Relay.Says("220 mx\r\n").Waits(Second).Fin();
        bed.Sim.Client.Waits(Second).Fin();
        bed.Sim.RunToEnd();

        Assert.Equal("", bed.Sim.Client.Heard);
        Assert.Equal(how, bed.Sim.Client.End);
        Assert.Equal(withholds ? 0 : 1, bed.Sim.Dials.Targets.Count);
        Assert.DoesNotContain("GreetingFailed", string.Concat(bed.Relays.Reports), StringComparison.Ordinal);
        Assert.Equal("fault", bed.Record.GetProperty("outcome").GetString());
        Assert.InRange(bed.Sim.Elapsed, TimeSpan.Zero, 2 * Second);
    }

    /// <summary>The session reaches an age at which a rule ends it, and its dial is held, or under way: no relay is dialled for it, and
    /// none
    /// is kept.</summary>
    [Theory]
    [InlineData(true, EndKind.Fin)]
    [InlineData(true, EndKind.Reset)]
    [InlineData(false, EndKind.Fin)]
    [InlineData(false, EndKind.Reset)]
    public void Session_EndedBeforeItsRelayIsThere_GivesUpTheDial(bool isHeld, EndKind how)
    {
        var faults = new FakeFaults { Age = 5 * Second }.At(FaultPoint.Elapsed, s => s.Reply = _ => [new ReplyStep.End(how)]);
        if (isHeld)
        {
            faults.At(FaultPoint.Dial, static s => s.BeforeDial = 20 * Second);
        }

        var bed = new SessionBed(relays: 2, faults: faults);
        bed.Sim.Dials.Then(DialOutcome.Connected, 20 * Second);
        bed.Sim.Client.Waits(6 * Second).Fin();
        bed.Sim.RunToEnd();

        Assert.Equal(("", how), (bed.Sim.Client.Heard, bed.Sim.Client.End));
        Assert.Equal(isHeld ? 0 : 1, bed.Sim.Dials.Targets.Count);
        Assert.Empty(bed.Relays.Reports);
        Assert.Equal("fault", bed.Record.GetProperty("outcome").GetString());
        Assert.InRange(bed.Sim.Elapsed, 5 * Second, 7 * Second);
        if (isHeld)
        {
            var dial = Assert.Single(faults.Injections, static i => i.Point == FaultPoint.Dial);
            Assert.Equal(5 * Second, Whole(dial.AddedDelay));
        }
    }

    /// <summary>The client does not wait for the end of the hold, or for what the fleet says: nobody is dialled for it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Client_ThatResetsWhileItsDialIsHeld_NobodyIsDialled(bool asks)
    {
        var faults = new FakeFaults { MayAsk = asks, Late = FaultPoint.Dial }
            .At(FaultPoint.Dial, static s => s.BeforeDial = 20 * Second);
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Waits(5 * Second).Resets();
        bed.Sim.RunToEnd();
        faults.Answer();

        Assert.Equal(5 * Second, Whole(bed.Sim.Elapsed));
        Assert.Empty(bed.Sim.Dials.Targets);
        Assert.Equal(asks ? "" : "5", string.Join(' ', faults.Injections.Select(static i => $"{i.AddedDelay.TotalSeconds:0}")));
        Assert.Equal(asks ? 0 : 1, bed.Record.GetProperty("faults").GetArrayLength());
    }

    [Fact]
    public void Halt_WhileADialIsHeld_DialsAtOnce()
    {
        var faults = new FakeFaults().At(FaultPoint.Dial, static s => s.BeforeDial = TimeSpan.FromHours(1));
        var bed = Quit(faults);
        bed.Sim.Pass(5 * Second);
        faults.Halt();
        bed.Sim.RunToEnd();
        Assert.Equal("220 mx\r\n221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal(5 * Second, Whole(Assert.Single(faults.Injections).AddedDelay));
        Assert.Equal(5 * Second, Whole(bed.Sim.Elapsed));
    }

    /// <summary>While the fleet is asked no limit of time runs out, and the dial is made when it has answered.</summary>
    [Theory]
    [InlineData(FaultPoint.Connect)]
    [InlineData(FaultPoint.Dial)]
    [InlineData(FaultPoint.Greeting)]
    public void Dial_AboutWhichAFleetIsAsked_IsMadeWhenItHasAnswered(FaultPoint late)
    {
        var faults = new FakeFaults { MayAsk = true, Late = late }.At(late, static s => s.BeforeDial = 2 * Second);
        var bed = Quit(faults);
        bed.Sim.Pass(TimeSpan.FromMinutes(30));
        Assert.Empty(bed.Sim.Dials.Targets);
        faults.Answer();
        bed.Sim.Pass(Second);
        Assert.Empty(bed.Sim.Dials.Targets);
        bed.Sim.RunToEnd();
        Assert.Equal("220 mx\r\n221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal(2 * Second, Whole(Assert.Single(faults.Injections).AddedDelay));
        Assert.InRange(bed.Record.GetProperty("greeting").GetProperty("ms").GetDouble(), 0, 10);
        Assert.InRange(bed.Record.GetProperty("duration_ms").GetDouble(), 1_802_000, 1_802_100);
    }

    /// <summary>A halt waits for no answer of the fleet.</summary>
    [Fact]
    public void Halt_WhileAFleetIsAskedAboutADial_DialsAtOnce()
    {
        var faults = new FakeFaults { MayAsk = true, Late = FaultPoint.Dial }.At(FaultPoint.Dial, static s => s.BeforeDial = 20 * Second);
        var bed = Quit(faults);
        bed.Sim.Pass(5 * Second);
        Assert.Empty(bed.Sim.Dials.Targets);
        faults.Halt();
        bed.Sim.RunToEnd();
        Assert.Equal("220 mx\r\n221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal(5 * Second, Whole(bed.Sim.Elapsed));
        Assert.Empty(faults.Injections);
    }

    private static SessionBed Quit(FakeFaults faults, int relays = 1)
    {
        var bed = new SessionBed(relays: relays, faults: faults);
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        return bed;
    }

    private static void Hold(FakeFaults faults, FaultPoint point, int seconds)
    {
        if (seconds > 0)
        {
            faults.At(point, s => s.BeforeDial = seconds * Second);
        }
    }

    /// <summary>Octets take some microseconds on the way.</summary>
    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromSeconds(Math.Round(time.TotalSeconds, 1));

    /// <summary>A session that its transport drops, since it failed, is over without an end of either side.</summary>
    [Fact]
    public void Dial_ThatIsHeldWhenTheSessionIsDropped_IsRecorded()
    {
        var faults = new FakeFaults().At(FaultPoint.Dial, static s => s.BeforeDial = 60 * Second);
        var (session, pair) = (new SessionBed(faults: faults).Opened()!, new Pipeline.TestPair());
        session.Accepted(pair);
        pair.Pass(5 * Second);
        session.Closed();
        Assert.Equal((FaultPoint.Dial, 5 * Second), (Assert.Single(faults.Injections).Point, faults.Injections[0].AddedDelay));
    }
}
