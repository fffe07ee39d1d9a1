using System.Diagnostics.Metrics;
using SmtpProxy.Faults;
using SmtpProxy.Tests.Sessions.Faulted;

namespace SmtpProxy.Tests.Sessions.Pipeline;

/// <summary>What follows a session's dialogue, when its record fails.</summary>
public sealed class DialogueTrackerTests
{
    /// <summary>From then on nothing is recorded; and whoever decides by the dialogue, the guard or a rule of
    /// faults, decides as before.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Record_ThatFails_DialogueGoesOnForWhoDecidesByIt(bool isFaulted)
    {
        var faults = isFaulted ? new FakeFaults()
            .At(FaultPoint.Vrfy, static s =>
                (s.Withhold, s.Reply) = (true, static _ => [new ReplyStep.Say("252 of a rule\r\n"u8.ToArray())])) : null;
        var bed = new SessionBed(faults: faults);
        using var failing = Failing(bed, "smtpproxy.operation.duration");
        bed.Sim.Client.Awaits("220 mx\r\n")
            .Says("EHLO c\r\nXCLIENT ADDR=192.0.2.1\r\nVRFY a\r\nAUTH PLAIN AGEAYg==\r\nXCLIENT ADDR=192.0.2.2\r\nQUIT\r\n").Awaits("221")
            .Fin();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250-XCLIENT ADDR\r\n250 AUTH PLAIN\r\n");
        if (!isFaulted)
        {
            bed.Sim.Relay.Awaits("VRFY a\r\n").Says("252 mx\r\n");
        }

        bed.Sim.Relay.Awaits("AUTH PLAIN AGEAYg==\r\n").Says("235 ok\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        const string NotYou = "550 5.7.0 Command not permitted from your address\r\n";
        Assert.Equal(
            $"220 mx\r\n250-mx\r\n250 AUTH PLAIN\r\n{NotYou}252 {(isFaulted ? "of a rule" : "mx")}\r\n235 ok\r\n{NotYou}221 bye\r\n",
            bed.Sim.Client.Heard);
        Assert.DoesNotContain("XCLIENT", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal("opaque", bed.Record.GetProperty("mode").GetString());
        Assert.Equal(1, bed.Limits("observer"));
    }

    /// <summary>What is published when the session is over fails as well: that is no second failure.</summary>
    [Fact]
    public void Record_ThatFailsAgainAtTheEnd_IsReportedOnce()
    {
        var bed = new SessionBed();
        using var failing = Failing(bed, "smtpproxy.operation.duration", "smtpproxy.session.duration");
        Dialogues.OneMessage(bed.Sim, Dialogues.Body(100));

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
        Assert.Equal(1, bed.Limits("observer"));
    }

    /// <summary>To the session nobody needs to look at a dialogue that is recorded no more; to who guards it that is not so.</summary>
    [Fact]
    public void Record_ThatFails_NoMoreThanAChunkPassesUnseen()
    {
        const int Size = 256 * 1024;
        var bed = new SessionBed();
        using var failing = Failing(bed, "smtpproxy.operation.duration");
        bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("CHUNKING\r\n").Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n")
            .Awaits("250 c\r\n").Says($"BDAT {Size} LAST\r\n");
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 CHUNKING\r\n").Awaits("RCPT TO:<c@d>\r\n")
            .Says("250 a\r\n250 c\r\n");
        bed.Sim.Run();
        Assert.Equal((1, Size), (bed.Limits("observer"), bed.Sim.Pair.ClientLeg.Splice));

        bed.Sim.Client.Says(new byte[Size]).Says("XCLIENT A\r\nQUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("QUIT\r\n").Says("250 queued\r\n221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("\0QUIT\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.EndsWith("250 queued\r\n550 5.7.0 Command not permitted from your address\r\n221 bye\r\n", bed.Sim.Client.Heard,
            StringComparison.Ordinal);
    }

    /// <summary>Makes instruments throw when they are given a value.</summary>
    internal static MeterListener Failing(SessionBed bed, params string[] instruments)
    {
        var failing = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == bed.Meter && instruments.Contains(instrument.Name))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        failing.SetMeasurementEventCallback<double>(static (_, _, _, _) => throw new InvalidOperationException("the record fails"));
        failing.Start();
        return failing;
    }
}
