namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>XCLIENT where the proxy and a lax relay may differ about what is a command: the session ends
/// before the relay hears it.</summary>
public sealed class GuardFilterSmugglingTests
{
    private const string Closed = "421 4.7.0 ";
    private const string Forged = "XCLIENT ADDR=203.0.113.1\r\n";

    /// <summary>The header of a ClientHello, which makes it doubtful what follows, and the beginning of a line after it.</summary>
    private const string Hello = "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\n";

    public static TheoryData<string, string> Cuts
    {
        get
        {
            var cuts = new TheoryData<string, string>();
            for (var at = 1; at < "XCLIENT".Length; at++)
            {
                cuts.Add(Hello + Forged[..at], Forged[at..]);
            }

            cuts.Add(Hello + " ", Forged);
            return cuts;
        }
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public void Word_BegunInDoubtAndEndedAfterTheRelayHasAnswered_NeverPasses(string before, string after)
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("\n").Says("500 what\r\n");
        bed.Sim.Client.Awaits("220").Says(before).Awaits("500").Says(after);
        bed.Sim.RunToEnd();
        Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal(1, bed.Limits("xclient_blocked"));
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001\nXCLIENT ADDR=203.0.113.1\r\n")]
    [InlineData("\u0016\nXCLIENT ADDR=203.0.113.1\r\n")]
    [InlineData("\u0016\u0003\n \tXCLIENT ADDR=203.0.113.1\r\n")]
    public void Word_AfterALineThatBeginsLikeTls_NeverPasses_HoweverItIsCut(string octets)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("\n").Says("500 what\r\n");
            bed.Sim.Client.Awaits("220").Says(octets);
            bed.Sim.RunToEnd();
            Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        }
    }

    /// <summary>When the relay has shown that it reads lines, only those are looked at that were begun before that.</summary>
    [Fact]
    public void Word_InsideALine_AfterTheDoubtIsOver_Passes_WhereverItIsCut()
    {
        const string Line = "NOOP see XCLIENT a\r\n";
        for (var cut = 1; cut < Line.Length; cut++)
        {
            var bed = new SessionBed();
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("\n").Says("500 what\r\n").Awaits("RSET\r\n").Says("250 rset\r\n").Awaits(Line)
                .Says("250 noop\r\n").Fin();
            bed.Sim.Client.Awaits("220").Says(Hello + "RS").Awaits("500 what\r\n").Says("ET\r\n").Awaits("250 rset\r\n").Says(Line[..cut])
                .Waits(TimeSpan.FromSeconds(1)).Says(Line[cut..]).Awaits("250 noop\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.EndsWith("RSET\r\n" + Line, bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(0, bed.Limits("xclient_blocked"));
        }
    }

    [Theory]
    [InlineData("hi\n.\n")]
    [InlineData("hi\n.\r\n")]
    [InlineData("hi\r\n.\n")]
    [InlineData("hi\r.\r")]
    [InlineData(".\n")]
    public void Word_AfterWhatLaxRelaysTakeForTheEndOfData_EndsTheSession_HoweverItIsCut(string body)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("DATA\r\n").Says("250 ok\r\n250 ok\r\n354 go\r\n");
            bed.Sim.Client.Awaits("220").Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n").Awaits("354")
                .Says(body + Forged + "MAIL FROM:<x@y>\r\n").Awaits(Closed);
            bed.Sim.RunToEnd();
            Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(1, bed.Limits("xclient_blocked"));
        }
    }

    /// <summary>Documentation of Postfix is mail too.</summary>
    [Theory]
    [InlineData("DATA\r\n", "354 go\r\n", "text.\r\nXCLIENT ADDR=203.0.113.1\r\n..\r\n.\r\n")]
    [InlineData("BDAT 26 LAST\r\n", "", "XCLIENT ADDR=203.0.113.1\r\n")]
    public void Word_InAMessage_Passes_HoweverItIsCut(string command, string go, string message)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 CHUNKING\r\n").Awaits(command)
                .Says("250 ok\r\n250 ok\r\n" + go)
                .Awaits(message).Says("250 taken\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220").Says("EHLO c\r\n").Awaits("CHUNKING\r\n").Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n" + command);
            (go.Length > 0 ? bed.Sim.Client.Awaits(go) : bed.Sim.Client).Says(message).Awaits("taken").Says("QUIT\r\n").Awaits("221").Fin();
            bed.Sim.RunToEnd();
            Assert.EndsWith(message + "QUIT\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(0, bed.Limits("xclient_blocked"));
        }
    }

    /// <summary>It may read a chunk as commands (RFC 3030 2 binds those that offer CHUNKING).</summary>
    [Fact]
    public void Word_InAChunkForARelayWithoutChunking_EndsTheSession_HoweverItIsCut()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250 mx\r\n").Awaits("BDAT 100\r\n").Says("502 what\r\n");
            bed.Sim.Client.Awaits("220").Says("EHLO c\r\n").Awaits("250 mx").Says("BDAT 100\r\n" + Forged);
            bed.Sim.RunToEnd();
            Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Beginning_OfALineThatTheClientEndsIn_PassesWithItsFin_ThoughTheRelayHasNotAnswered()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("XCLI").Fin();
        bed.Sim.Client.Awaits("220").Says("DATA\r\nXCLI").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("DATA\r\nXCLI", bed.Sim.Relay.Heard);
    }

    /// <summary>Relays cut a line that is too long for their buffer (Exim: 16384 octets), and take the rest for a command.</summary>
    [Theory]
    [InlineData("NOOP ", "", 511)]
    [InlineData("NOOP ", "", 16384)]
    [InlineData("AUTH PLAIN ", "", 16384)]
    [InlineData("AUTH LOGIN\r\n", "334 a\r\n", 16383)]
    [InlineData("RSET\r\nDATA\r\n", "250 ok\r\n554 no\r\n", 1000)]
    public void Word_WhereARelayMayCutALongLine_EndsTheSession_HoweverItIsCut(string before, string answers, int length)
    {
        var begun = before.EndsWith('\n') ? 0 : before.Length;
        for (var seed = 0; seed < 60; seed++)
        {
            var waits = begun == 0 && seed % 2 == 0;
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits(before).Waits(TimeSpan.FromSeconds(1)).Says(answers);
            bed.Sim.Client.Awaits("220").Says(before).Awaits(waits ? answers : "").Says(new string('a', length - begun) + Forged);
            bed.Sim.RunToEnd();
            Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(1, bed.Limits("xclient_blocked"));
        }
    }

    [Fact]
    public void Line_ThatARelayMayCut_WithoutSuchAWord_Passes_HoweverItIsCut()
    {
        var line = $"MAIL FROM:<a@b> {new string('x', 490)} XCLIENTS FROM=XCLIENT! {new string('x', 3000)} XCLI\r\n";
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits(line).Says("501 what\r\n").Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says(line).Awaits("501 what").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal(line, bed.Sim.Relay.Heard);
            Assert.Equal(0, bed.Limits("xclient_blocked"));
        }
    }
}
