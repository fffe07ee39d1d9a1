namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>XCLIENT where a line begins to some relay, and none to those that end lines at LF only; and where what a line
/// is changes in its middle.</summary>
public sealed class GuardFilterHiddenCommandTests
{
    private const string Refused = "550 5.7.0 Command not permitted from your address\r\n";
    private const string Closed = "421 4.7.0 ";

    public static TheoryData<string> Hiding => new(
        "NOOP\rXCLIENT ADDR=203.0.113.1\r\n", "NOOP\0XCLIENT ADDR=203.0.113.1\r\n", "NOOP\r \txclient\tADDR=203.0.113.1\r\n",
        "NOOP x\r\r\0XFORWARD ADDR=203.0.113.1\n",
        "x\0\rXCLIENT ADDR=203.0.113.1\r\r\n", "XCL\rXCLIENT ADDR=203.0.113.1\r\n", "XCLIENTS\0XCLIENT ADDR=203.0.113.1\r\n",
        "QUIT\rXCLIENT ADDR=203.0.113.1\rQUIT\r\n",
        "DATA\rXCLIENT ADDR=203.0.113.1\r\n", "BDAT 5\rXCLIENT ADDR=203.0.113.1\r\n");

    [Theory]
    [MemberData(nameof(Hiding))]
    public void Line_ThatHidesACommandFromSomeRelays_IsAnsweredAsOne_OrEndsTheSession_HoweverItIsCut(string line)
    {
        var answered = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("RSET\r\n").Says("250 rset\r\n");
            bed.Sim.Client.Awaits("220 mx\r\n").Says($"{line}RSET\r\n");
            bed.Sim.RunToEnd();
            Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(1, bed.Limits("xclient_blocked"));
            var isAnswered = bed.Sim.Client.Heard.StartsWith($"220 mx\r\n{Refused}250 rset\r\n", StringComparison.Ordinal);
            answered += isAnswered ? 1 : 0;
            Assert.True(isAnswered || bed.Sim.Client.Heard.StartsWith($"220 mx\r\n{Closed}", StringComparison.Ordinal),
                bed.Sim.Client.Heard);
        }

        Assert.InRange(answered, 1, 60);
    }

    [Theory]
    [MemberData(nameof(Hiding))]
    public void Line_ThatHidesACommand_CutAtEveryOctet_NeverPassesWhole(string line)
    {
        for (var cut = 1; cut < line.Length; cut++)
        {
            var bed = new SessionBed();
            bed.Sim.Relay.Says("220 mx\r\n");
            bed.Sim.Client.Awaits("220 mx\r\n").Says(line[..cut]).Waits(TimeSpan.FromSeconds(1)).Says(line[cut..]);
            bed.Sim.RunToEnd();
            Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(1, bed.Limits("xclient_blocked"));
        }
    }

    /// <summary>A relay to which the line has ended answers in its middle, and from then on nobody can follow what is a command.</summary>
    [Theory]
    [MemberData(nameof(Hiding))]
    public void Line_ThatHidesACommand_AnsweredInItsMiddle_NeverPassesWhole_WhereverItIsCut(string line)
    {
        var begun = line[..(line.AsSpan().IndexOfAny('\r', '\0') + 1)];
        for (var cut = begun.Length; cut < line.Length; cut++)
        {
            var bed = new SessionBed();
            bed.Sim.Relay.Says("220 mx\r\n").Awaits(begun).Says("250 ok\r\n");
            bed.Sim.Client.Awaits("220 mx\r\n").Says(line[..cut]).Waits(TimeSpan.FromSeconds(1)).Says(line[cut..]);
            bed.Sim.RunToEnd();
            Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(1, bed.Limits("xclient_blocked"));
        }
    }

    /// <summary>Its beginning goes on before it is known what it is, and what comes then is no less a command to some.</summary>
    [Theory]
    [MemberData(nameof(Hiding))]
    public void Line_ThatHidesACommand_BehindOneThatIsRefused_NeverPasses(string line)
    {
        foreach (var (holder, refusal) in ((string, string)[])[("DATA\r\n", "503 no\r\n"), ("AUTH LOGIN\r\n", "504 no\r\n")])
        {
            for (var cut = 1; cut <= line.Length; cut++)
            {
                var bed = new SessionBed();
                bed.Sim.Relay.Says("220 mx\r\n").Awaits(holder).Waits(TimeSpan.FromSeconds(1)).Says(refusal);
                bed.Sim.Client.Awaits("220 mx\r\n").Says(holder + line[..cut]).Awaits(refusal).Says(line[cut..]);
                bed.Sim.RunToEnd();
                Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
                Assert.Equal(1, bed.Limits("xclient_blocked"));
            }
        }
    }

    /// <summary>A CR or a NUL alone is no reason to refuse a line (PROTOCOL 2.1, 2.4).</summary>
    [Theory]
    [InlineData("NOOP\rRSET\r\n")]
    [InlineData("NOOP\0\r\r\n")]
    [InlineData("NOOP XCLIENT \rXCL \0IENT\r\n")]
    [InlineData("NOOP \rXCLIENTS A\0X-XCLIENT B\r\n")]
    public void Line_WithBareEnds_AndNoSuchCommand_Passes_HoweverItIsCut(string line)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits(line).Says("250 noop\r\n").Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says(line).Awaits("250 noop").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal(line, bed.Sim.Relay.Heard);
            Assert.Equal(0, bed.Limits("xclient_blocked"));
        }
    }

    /// <summary>The relay may give up before a response is complete, and what is left of it is a command then.</summary>
    [Theory]
    [InlineData("XCL", "IENT ADDR=203.0.113.1\r\n")]
    [InlineData(" X", "CLIENT ADDR=203.0.113.1\r\n")]
    [InlineData("XCLIENT", " ADDR=203.0.113.1\r\n")]
    [InlineData("abc\rXFOR", "WARD ADDR=203.0.113.1\r\n")]
    [InlineData("", "XCLIENT ADDR=203.0.113.1\r\n")]
    [InlineData("YWJj\rXCLIENT ADDR=203.0.113.1\r\n", "")]
    [InlineData("XCLIENT ADDR=203.0.113.1\r\n", "")]
    public void Response_OfWhichAuthDoesNotWaitForTheEnd_IsNoCommand(string before, string after)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("AUTH LOGIN\r\n").Says("334 a\r\n").Awaits(before.Length > 3 ? "X" : before)
                .Says("535 no\r\n");
            bed.Sim.Client.Awaits("220 mx\r\n").Says("AUTH LOGIN\r\n").Awaits("334 a\r\n").Says(before)
                .Awaits(after.Length > 0 ? "535 no\r\n" : "").Says(after);
            bed.Sim.RunToEnd();
            Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(1, bed.Limits("xclient_blocked"));
        }
    }

    [Theory]
    [InlineData("DATA\r\n", "554 no\r\n")]
    [InlineData("AUTH LOGIN\r\n", "535 no\r\n")]
    [InlineData("TURN\r\n", "502 no\r\n")]
    public void Line_BegunBeforeTheRefusalThatMakesItACommand_IsAnsweredAsOne(string holder, string refusal)
    {
        for (var cut = 1; cut < "XCLIENT ".Length; cut++)
        {
            var bed = new SessionBed();
            bed.Sim.Relay.Says("220 mx\r\n").Awaits(holder).Waits(TimeSpan.FromSeconds(2)).Says(refusal).Awaits("RSET\r\n")
                .Says("250 rset\r\n");
            bed.Sim.Client.Awaits("220 mx\r\n").Says($"{holder}{"XCLIENT "[..cut]}").Awaits(refusal)
                .Says($"{"XCLIENT "[cut..]}ADDR=203.0.113.1\r\nRSET\r\n");
            bed.Sim.RunToEnd();
            Assert.Equal($"{holder}RSET\r\n", bed.Sim.Relay.Heard);
            Assert.StartsWith($"220 mx\r\n{refusal}{Refused}250 rset\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        }
    }

    /// <summary>There are relays that refuse a message in its middle and take the rest of it for commands (PROTOCOL 5.7).</summary>
    [Theory]
    [InlineData("hi\r\nXCL", "IENT ADDR=203.0.113.1\r\n")]
    [InlineData("hi\r\n", "XCLIENT ADDR=203.0.113.1\r\n")]
    public void Message_RefusedInItsMiddle_HidesNoCommand(string before, string after)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("DATA\r\n").Says("354 go\r\n").Awaits(before).Says("552 too much\r\n");
            bed.Sim.Client.Awaits("220 mx\r\n").Says("DATA\r\n").Awaits("354 go\r\n").Says(before).Awaits("552 too much\r\n").Says(after);
            bed.Sim.RunToEnd();
            Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(1, bed.Limits("xclient_blocked"));
        }
    }

    /// <summary>A relay counts a chunk as it is announced, or not at all, and where it does not a command can
    /// begin anywhere (RFC 3030 2).</summary>
    [Theory]
    [InlineData("BDAT 3\r\nXCLIENT ADDR=203.0.113.1\r\n", false)]
    [InlineData("BDAT 5x\r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", true)]
    [InlineData("BDAT  LAST\r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", true)]
    [InlineData("BDAT LAST\r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", true)]
    [InlineData("BDAT \r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", true)]
    [InlineData("BDAT\r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", true)]
    [InlineData("BDAT -5\r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", true)]
    [InlineData("BDAT 5:\r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", true)]
    [InlineData("BDAT 5/\r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", true)]
    [InlineData("BDAT 4294967301\r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", true)]
    [InlineData("BDAT 18446744073709551621\r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", true)]
    [InlineData(" BDAT 500\r\nXCLIENT ADDR=203.0.113.1\r\n", true)]
    [InlineData("BDAT 500 \r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", true)]
    [InlineData("BDAT\0500\r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", true)]
    [InlineData("NOOP\rBDAT 5\r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", true)]
    public void Command_WhereTheRelayMayCountAChunkOtherwise_NeverPasses_HoweverItIsCut(string said, bool offered)
    {
        var offer = offered ? "250-mx\r\n250 CHUNKING\r\n" : "250 mx\r\n";
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(offer);
            bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits(offer).Says(said);
            bed.Sim.RunToEnd();
            Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(1, bed.Limits("xclient_blocked"));
        }
    }

    /// <summary>What the proxy takes for DATA may be of a chunk to the relay: nothing goes ahead of the reply to it.</summary>
    [Fact]
    public void Command_AfterADataThatMayBeOfAChunk_NeverPasses()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("DATA\r\n").Waits(TimeSpan.FromSeconds(1)).Says("250 chunk\r\n500 what\r\n");
            bed.Sim.Client.Awaits("220 mx\r\n").Says("BDAT 10x\r\nDATA\r\nabcdXCLIENT ADDR=203.0.113.1\r\n");
            bed.Sim.RunToEnd();
            Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(1, bed.Limits("xclient_blocked"));
        }
    }
}
