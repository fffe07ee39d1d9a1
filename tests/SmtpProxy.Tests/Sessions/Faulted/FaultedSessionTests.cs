using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>What strikes do on the wire, in virtual time, with both sides looked at.</summary>
public sealed class FaultedSessionTests
{
    [Fact]
    public void Session_GatedWithoutAnyStrike_PassesTheSameOctets()
    {
        var bed = new SessionBed(faults: new FakeFaults());
        var body = Dialogues.Body(3000);
        Dialogues.OneMessage(bed.Sim, body);

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.ClientOf(body), bed.Sim.Relay.Heard);
        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(0, bed.Record.GetProperty("faults").GetArrayLength());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Session_GatedAndCutAnywhere_PassesTheSameOctets(int seed)
    {
        var bed = new SessionBed(seed: seed, faults: Watching());
        var body = Dialogues.Body(3000);
        Dialogues.OneMessage(bed.Sim, body);

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.ClientOf(body), bed.Sim.Relay.Heard);
        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
    }

    /// <summary>A rule waits for the greeting, and what comes is none: nothing of it may overtake what was kept.</summary>
    [Theory]
    [InlineData("SSH-2.0-Op", "enSSH_9.2\r\n")]
    [InlineData("*", " OK imap ready\r\n")]
    [InlineData("22", "0 mx\r\n")]
    [InlineData("220-mx", " one\r\nnot a reply\r\n220 mx\r\n")]
    [InlineData("HTTP/1.1 400", " Bad Request\r\n\r\n")]
    public void Greeting_WatchedAndNotSmtp_PassesInOrder(string first, string second)
    {
        var faults = new FakeFaults().At(FaultPoint.Greeting, static s => s.BeforeReply = TimeSpan.FromSeconds(3))
            .Behind(FaultPoint.Greeting, static _ => { });
        var bed = new SessionBed(faults: faults);
        bed.Sim.Relay.Says(first).Waits(TimeSpan.FromSeconds(1)).Says(second).Waits(TimeSpan.FromSeconds(9)).Fin();
        bed.Sim.Client.Waits(TimeSpan.FromSeconds(20)).Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(first + second, bed.Sim.Client.Heard);
    }

    [Fact]
    public void Greeting_Answered421_NoRelayIsDialledAndHealthHearsNothing()
    {
        var faults = new FakeFaults().At(FaultPoint.Greeting, static s => Refuse(s, "421 4.7.0 Too many connections\r\n", EndKind.Fin));
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("421").Awaits("\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("421 4.7.0 Too many connections\r\n", bed.Sim.Client.Heard);
        Assert.Empty(bed.Sim.Dials.Targets);
        Assert.Empty(bed.Relays.Reports);
        Assert.Equal(0, bed.Relays.Open);
        Assert.Equal("fault", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(421, faults.Injections.Single().ClientCode);
        Assert.Null(faults.Injections.Single().RelayCode);
    }

    [Fact]
    public void Greeting_Answered554_ClientMayOnlyQuit()
    {
        var faults = new FakeFaults().At(FaultPoint.Greeting, static s => Refuse(s, "554 5.7.1 no\r\n"));
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("554").Awaits("\r\n").Says("EHLO c\r\n").Awaits("503").Awaits("\r\n").Says("QUIT\r\n").Awaits("221")
            .Awaits("\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("554 5.7.1 no\r\n503 5.5.1 Bad sequence of commands\r\n221 2.0.0 Bye\r\n", bed.Sim.Client.Heard);
    }

    [Fact]
    public void Rcpt_RefusedInAPipeline_TakesItsOwnPlaceAndTheRelayNeverHearsOfIt()
    {
        var faults = new FakeFaults();
        faults.Commands[FaultPoint.Rcpt] = static facts => facts.RcptTo == "no@d" ? static s => Refuse(s, "550 5.1.1 injected\r\n") : null;
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n")
            .Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<no@d>\r\nRCPT TO:<e@d>\r\nDATA\r\n").Awaits("354 go\r\n")
            .Says("text\r\n.\r\nQUIT\r\n").Awaits("221").Awaits("\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply).Awaits("DATA\r\n")
            .Waits(TimeSpan.FromSeconds(1)).Says("250 2.1.0 ok\r\n").Waits(TimeSpan.FromSeconds(1)).Says("250 2.1.5 c\r\n")
            .Waits(TimeSpan.FromSeconds(1)).Says("250 2.1.5 e\r\n354 go\r\n").Awaits("QUIT\r\n")
            .Says("250 2.0.0 queued\r\n221 2.0.0 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@d>\r\nDATA\r\ntext\r\n.\r\nQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.EndsWith(
            "250 2.1.0 ok\r\n250 2.1.5 c\r\n550 5.1.1 injected\r\n250 2.1.5 e\r\n354 go\r\n250 2.0.0 queued\r\n221 2.0.0 bye\r\n",
            bed.Sim.Client.Heard);
        var transaction = bed.Record.GetProperty("transactions")[0];
        Assert.Equal(2, transaction.GetProperty("accepted").GetInt32());
        Assert.Equal(1, transaction.GetProperty("rejected").GetInt32());
        Assert.Equal("rule-Rcpt", bed.Record.GetProperty("faults")[0].GetProperty("rule").GetString());
    }

    [Fact]
    public void Mail_EndingTheSession_WhatIsPipelinedBehindItIsNotStruckAndReachesNobody()
    {
        var faults = new FakeFaults();
        foreach (var point in (FaultPoint[])[FaultPoint.Mail, FaultPoint.Rcpt, FaultPoint.Data])
        {
            faults.At(point, static s => Refuse(s, "421 4.3.2 restarting\r\n", EndKind.Fin));
        }

        var bed = new SessionBed(faults: faults);
        bed.Sim.Relay.Says("220 r\r\n").Awaits("EHLO c\r\n").Says("250 r\r\n");
        bed.Sim.Client.Awaits("220").Awaits("\r\n").Says("EHLO c\r\n").Awaits("250").Awaits("\r\n")
            .Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n").Awaits("421").Awaits("\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.EndsWith("421 4.3.2 restarting\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal("EHLO c\r\n", bed.Sim.Relay.Heard);
        Assert.Equal((FaultPoint.Mail, 421), (Assert.Single(faults.Injections).Point, faults.Injections[0].ClientCode));
    }

    [Fact]
    public void Data_Refused_RelayIsResetInSecretAndTheNextMessagePasses()
    {
        var refused = 0;
        var faults = new FakeFaults();
        faults.Commands[FaultPoint.Data] = _ => refused++ == 0 ? static s => Refuse(s, "451 4.3.0 injected\r\n") : null;
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n")
            .Says("MAIL FROM:<a@b>\r\n").Awaits("2.1.0 ok\r\n").Says("RCPT TO:<c@d>\r\n").Awaits("2.1.5 ok\r\n").Says("DATA\r\n")
            .Awaits("451").Awaits("\r\n")
            .Says("MAIL FROM:<a@b>\r\n").Awaits("2.1.0 again\r\n").Says("QUIT\r\n").Awaits("221").Awaits("\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply)
            .Awaits("MAIL").Awaits("\r\n").Says("250 2.1.0 ok\r\n").Awaits("RCPT").Awaits("\r\n").Says("250 2.1.5 ok\r\n")
            .Awaits("RSET\r\n").Says("250 2.0.0 reset\r\n").Awaits("MAIL").Awaits("\r\n").Says("250 2.1.0 again\r\n")
            .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.DoesNotContain("reset", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Contains("451 4.3.0 injected\r\n250 2.1.0 again\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.DoesNotContain("DATA", bed.Sim.Relay.Heard, StringComparison.Ordinal);
    }

    [Fact]
    public void EndOfData_Rejected_TheDotNeverReachesTheRelay()
    {
        var faults = new FakeFaults().At(FaultPoint.EndOfData, static s =>
        {
            Refuse(s, "554 5.7.1 injected\r\n");
            s.AbortRelay = EndKind.Reset;
        });
        var bed = new SessionBed(faults: faults);
        var body = Dialogues.Body(500);
        Dialogues.OneMessage(bed.Sim, body, awaited: "554");

        bed.Sim.RunToEnd();

        Assert.EndsWith(body, bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Reset, bed.Sim.Relay.End);
        Assert.EndsWith("354 go\r\n554 5.7.1 injected\r\n221 2.0.0 Bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal("failed", bed.Record.GetProperty("transactions")[0].GetProperty("outcome").GetString());
    }

    [Fact]
    public void EndOfData_AcknowledgementLost_RelayHasTheMessageAndTheInjectionHasItsQueueId()
    {
        var faults = new FakeFaults().Behind(FaultPoint.EndOfData, static s => s.Reply = static _ => [new ReplyStep.End(EndKind.Reset)]);
        var bed = new SessionBed(faults: faults);
        var body = Dialogues.Body(500);
        Dialogues.OneMessage(bed.Sim, body, "250 2.0.0 Ok: queued as ABC123\r\n");

        bed.Sim.RunToEnd();

        Assert.EndsWith(body + ".\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.EndsWith("354 go\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Reset, bed.Sim.Client.End);
        var injection = Assert.Single(faults.Injections);
        Assert.Equal((null, 250, "ABC123"), (injection.ClientCode, injection.RelayCode, injection.RelayQueueId));
        Assert.Equal("fault", bed.Record.GetProperty("outcome").GetString());
    }

    [Fact]
    public void Body_CutAfterOctets_RelayGetsExactlyThoseAndNoDot()
    {
        var faults = new FakeFaults { BodyOffset = 100 }.At(FaultPoint.DataBody,
            static s => s.Reply = static _ => [new ReplyStep.End(EndKind.Reset)]);
        var bed = new SessionBed(faults: faults);
        var body = Dialogues.Body(5000);
        Dialogues.OneMessage(bed.Sim, body);

        bed.Sim.RunToEnd();

        Assert.EndsWith("DATA\r\n" + body[..100], bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal((EndKind.Reset, EndKind.Reset), (bed.Sim.Client.End, bed.Sim.Relay.End));
        Assert.Equal(100, faults.Injections.Single().BodyOctets);
    }

    [Fact]
    public void Capabilities_Hidden_ClientIsToldSoAndRefusedWhenItUsesThem()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Ehlo, static s =>
        {
            s.Reply = static real =>
                [new ReplyStep.Say(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(real.Span)
                    .Replace("250-CHUNKING\r\n250 STARTTLS", "250 CHUNKING", StringComparison.Ordinal)))];
            s.Capabilities = new CapabilityEdits(["STARTTLS"], 1000);
        });
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("CHUNKING\r\n").Says("STARTTLS\r\n").Awaits("502").Awaits("\r\n")
            .Says("MAIL FROM:<a@b> SIZE=1001\r\n").Awaits("552").Awaits("\r\n").Says("QUIT\r\n").Awaits("221").Awaits("\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply).Awaits("QUIT\r\n")
            .Says("221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("EHLO c\r\nQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.Equal("tracked", bed.Record.GetProperty("mode").GetString());
        Assert.Equal(["PIPELINING", "CHUNKING"], bed.Record.GetProperty("capabilities").EnumerateArray().Select(static c => c.GetString()));
    }

    [Fact]
    public void Reply_Malformed_ClientGetsItAndTheRecordKeepsTheRelaysOwn()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Rcpt,
            static s => s.Reply = static real => [new ReplyStep.Say("garbage\r\n"u8.ToArray()), new ReplyStep.Say(real)]);
        var bed = new SessionBed(faults: faults);
        Dialogues.OneMessage(bed.Sim, Dialogues.Body(100));

        bed.Sim.RunToEnd();

        Assert.Contains("garbage\r\n250 2.1.5 ok\r\n354 go\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal("tracked", bed.Record.GetProperty("mode").GetString());
        Assert.Empty(bed.Record.GetProperty("anomalies").EnumerateArray());
        Assert.Equal("delivered", bed.Record.GetProperty("transactions")[0].GetProperty("outcome").GetString());
    }

    [Fact]
    public void Session_ArmedInItsMidst_IsStruckFromItsNextRestOn()
    {
        var faults = new FakeFaults { IsArmed = false }.At(FaultPoint.Quit, static s => Refuse(s, "421 4.3.2 injected\r\n", EndKind.Fin));
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply).Awaits("QUIT\r\n")
            .Says("221 bye\r\n").Fin();

        bed.Sim.Run();
        faults.IsArmed = true;
        faults.Change();
        bed.Sim.Client.Says("QUIT\r\n").Awaits("\r\n").Fin();
        bed.Sim.RunToEnd();

        Assert.EndsWith("421 4.3.2 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    [Fact]
    public void Client_DrawsAnswersFromHere_FasterThanItMayHaveThem_IsPausedMeanwhile()
    {
        var faults = new FakeFaults().At(FaultPoint.Greeting, static s =>
        {
            s.Throttle = new ThrottleSpec(100_000, 100, FromClient: false, FromRelay: true);
            Refuse(s, "554 5.3.2 injected\r\n");
        });
        var bed = new SessionBed(faults: faults);
        const int Commands = 5000;
        var group = string.Concat(Enumerable.Repeat("NOOP\r\n", Commands));
        bed.Sim.Client.Awaits("\r\n").Says(group).Says("QUIT\r\n").Awaits("221").Awaits("\r\n").Fin();

        bed.Sim.Pass(TimeSpan.FromSeconds(1));
        Assert.True(bed.Sim.Pair.ClientLeg.IsPaused);
        bed.Sim.RunToEnd();

        Assert.Equal(Commands, bed.Sim.Client.Heard.Split("\r\n").Count(static line => line.StartsWith("503", StringComparison.Ordinal)));
    }

    /// <summary>Rules that want to see everything and never strike.</summary>
    private static FakeFaults Watching()
    {
        var faults = new FakeFaults { BodyOffset = 50 };
        foreach (var point in Enum.GetValues<FaultPoint>())
        {
            faults.Commands[point] = static _ => null;
            faults.Replies[point] = static _ => null;
        }

        return faults;
    }

    private static void Refuse(Strike strike, string reply, EndKind? end = null)
    {
        strike.Withhold = true;
        var say = new ReplyStep.Say(Encoding.ASCII.GetBytes(reply));
        strike.Reply = _ => end is { } how ? [say, new ReplyStep.End(how)] : [say];
    }
}
