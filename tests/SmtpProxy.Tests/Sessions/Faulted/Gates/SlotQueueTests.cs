using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Tests.Telemetry;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>What happens in the places of replies, one after the other, and what is recorded of it.</summary>
public sealed class SlotQueueTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>The client leaves while a reply is held: each injection is recorded as far as it came.</summary>
    [Fact]
    public void Strikes_OfASessionThatIsOver_AreRecordedAsFarAsTheyCame()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Noop, static s => s.Reply = static real =>
            [Say("250 one\r\n"), new ReplyStep.Pause(10 * Second), new ReplyStep.Say(real)])
            .Behind(FaultPoint.Vrfy, static s => s.BeforeReply = 10 * Second)
            .At(FaultPoint.Rset, static s => s.BeforeReply = 10 * Second);
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\nVRFY a\r\nRSET\r\n").Awaits("250 one\r\n").Waits(4 * Second).Resets();
        bed.Sim.Relay.Awaits("RSET\r\n").Says("250 noop\r\n252 a\r\n");
        bed.Sim.RunToEnd();

        Assert.Equal(["Noop 250/250 4", "Vrfy /252 0", "Rset / 0"],
            faults.Injections.Select(static i => $"{i.Point} {i.ClientCode}/{i.RelayCode} {i.AddedDelay.TotalSeconds:0}"));
        Assert.Equal(3, bed.Record.GetProperty("faults").GetArrayLength());
    }

    /// <summary>A reply that breaks off while a rule waits for its end goes to the client as far as it came.</summary>
    [Theory]
    [InlineData(EndKind.Fin, true)]
    [InlineData(EndKind.Fin, false)]
    [InlineData(EndKind.Reset, true)]
    public void Reply_ThatBreaksOffWhileARuleWaitsForIt_PassesAsFarAsItCame(EndKind how, bool isFirst)
    {
        var faults = new FakeFaults().Behind(FaultPoint.Noop, static s => s.BeforeReply = 10 * Second);
        var bed = AtRest(faults);
        bed.Sim.Client.Says(isFirst ? "NOOP\r\n" : "VRFY a\r\nNOOP\r\n").Waits(5 * Second).Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says((isFirst ? "" : "252 a\r\n") + "250-noop\r\n25");
        _ = how == EndKind.Fin ? bed.Sim.Relay.Fin() : bed.Sim.Relay.Resets();
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n" + (isFirst ? "" : "252 a\r\n") + "250-noop\r\n25", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(how, bed.Sim.Client.End);
        Assert.Empty(faults.Injections);
    }

    /// <summary>After a greeting of 554 by a fault all but QUIT is refused. Any other that leaves the session without a relay only ends
    /// what needs one.</summary>
    [Theory]
    [InlineData("554 injected\r\n", "503 5.5.1 Bad sequence of commands\r\n")]
    [InlineData("553 injected\r\n", "250 2.0.0 Ok\r\n")]
    [InlineData("220 injected\r\n", "250 2.0.0 Ok\r\n")]
    public void Greeting_OfAFault_DecidesWhatTheClientMayDo(string greeting, string answer)
    {
        foreach (var point in (FaultPoint[])[FaultPoint.Connect, FaultPoint.Greeting])
        {
            var faults = new FakeFaults().At(point, Refuse(greeting));
            var bed = new SessionBed(faults: faults);
            bed.Sim.Client.Awaits("injected\r\n").Says("RSET\r\n").Awaits(answer).Says("QUIT\r\n").Awaits("221").Awaits("\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal(greeting + answer + "221 2.0.0 Bye\r\n", bed.Sim.Client.Heard);
        }
    }

    /// <summary>554 in the place of another reply refuses that command alone.</summary>
    [Fact]
    public void Reply_Of554ToACommand_RefusesNothingElse()
    {
        var faults = new FakeFaults().At(FaultPoint.Vrfy, static s =>
        {
            (s.Withhold, s.AbortRelay) = (true, EndKind.Reset);
            s.Reply = static _ => [Say("554 injected\r\n")];
        });
        var bed = AtRest(faults);
        bed.Sim.Client.Says("VRFY a\r\n").Awaits("554 injected\r\n").Says("RSET\r\n").Awaits("250 2.0.0 Ok\r\n").Says("QUIT\r\n")
            .Awaits("221")
            .Awaits("\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("554 injected\r\n250 2.0.0 Ok\r\n221 2.0.0 Bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Reset, bed.Sim.Relay.End);
    }

    /// <summary>What a fault says counts as its own, unless it is what the relay said, by its code.</summary>
    [Theory]
    [InlineData("250 other text\r\n", 0)]
    [InlineData("251 other code\r\n", 1)]
    [InlineData("450 injected\r\n", 1)]
    [InlineData("no reply\r\n", 0)]
    public void Reply_InPlaceOfTheRelays_IsAFaultsWhereItsCodeIsAnother(string reply, int isFaults)
    {
        var faults = new FakeFaults().Behind(FaultPoint.Noop, s => s.Reply = _ => [Say(reply)]);
        var bed = AtRest(faults);
        using var metrics = new MetricsProbe(bed.Meter);
        bed.Sim.Client.Says("NOOP\r\n").Awaits(reply).Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(1, metrics.Sum("smtpproxy.replies", "smtp.operation.name=noop", "smtpproxy.origin=relay"));
        Assert.Equal(isFaults, metrics.Sum("smtpproxy.replies", "smtp.operation.name=noop", "smtpproxy.origin=fault"));
        Assert.Equal(int.TryParse(reply[..3], out var code) ? (int?)code : null, faults.Injections.Single().ClientCode);
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>A transaction that a fault has struck counts as struck, though what came of the fault is known only after it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Transaction_ThatEndsBeforeItsFaultIsOver_CountsAsStruck(bool strikes)
    {
        var faults = new FakeFaults();
        if (strikes)
        {
            faults.Behind(FaultPoint.EndOfData, static s => s.Reply = static real =>
                [new ReplyStep.Say(real), new ReplyStep.Pause(10 * Second), Say("250 once more\r\n")]);
        }

        var bed = AtRest(faults);
        using var metrics = new MetricsProbe(bed.Meter);
        bed.Sim.Client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n").Awaits("354 go\r\n").Says("x\r\n.\r\n").Awaits("250 queued\r\n")
            .Waits(Second).Resets();
        bed.Sim.Relay.Awaits("DATA\r\n").Says("250 a\r\n250 b\r\n354 go\r\n").Awaits("\r\n.\r\n").Says("250 queued\r\n");
        bed.Sim.RunToEnd();
        Assert.Equal(1, metrics.Sum("smtpproxy.transactions"));
        Assert.Equal(strikes ? 1 : 0, metrics.Sum("smtpproxy.transactions.faulted"));
    }

    /// <summary>A rule that strikes at an age, or at silence, takes the relay as it says it does.</summary>
    [Theory]
    [InlineData(FaultPoint.Idle, EndKind.Reset)]
    [InlineData(FaultPoint.Elapsed, EndKind.Reset)]
    [InlineData(FaultPoint.Idle, EndKind.Fin)]
    public void Relay_TakenWhenATimeHasCome_IsEndedAsTheRuleSays(FaultPoint point, EndKind how)
    {
        var faults = new FakeFaults
        {
            IdleAfter = point == FaultPoint.Idle ? 10 * Second : null,
            Age = point == FaultPoint.Elapsed ? 10 * Second : null,
        }.At(point, s =>
        {
            (s.Withhold, s.AbortRelay) = (true, how);
            s.Reply = static _ => [Say("421 injected\r\n"), new ReplyStep.End(EndKind.Fin)];
        });
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n").Awaits("421").Awaits("\r\n").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Waits(20 * Second).Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n421 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal((EndKind.Fin, how), (bed.Sim.Client.End, bed.Sim.Relay.End));
        Assert.Equal(421, Assert.Single(faults.Injections).ClientCode);
    }

    private static ReplyStep.Say Say(string text) => new(Encoding.ASCII.GetBytes(text));

    private static Action<Strike> Refuse(string reply) => s =>
    {
        s.Withhold = true;
        s.Reply = _ => [Say(reply)];
    };

    private static SessionBed AtRest(FakeFaults faults)
    {
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply);
        return bed;
    }
}
