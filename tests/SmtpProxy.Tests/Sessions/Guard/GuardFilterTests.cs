using System.Text.RegularExpressions;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>XCLIENT and XFORWARD of clients that may not speak for others; the simulated client is 192.0.2.7.</summary>
public sealed class GuardFilterTests
{
    private const string Refused = "550 5.7.0 Command not permitted from your address\r\n";

    [Theory]
    [InlineData("XCLIENT ADDR=203.0.113.1 LOGIN=admin\r\n")]
    [InlineData("xforward ADDR=203.0.113.1\r\n")]
    [InlineData("XClient\tADDR=203.0.113.1\r\n")]
    [InlineData("XCLIENT\rADDR=203.0.113.1\r\n")]
    [InlineData("XCLIENT ADDR=203.0.113.1\n")]
    [InlineData(" \t XCLIENT ADDR=203.0.113.1\r\n")]
    public void Command_HoweverItIsCut_IsAnsweredInItsTurn_AndTheRelayHearsNothingOfIt(string command)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n")
                .Says("250-mx\r\n250-XCLIENT ADDR LOGIN\r\n250-XFORWARD ADDR\r\n250-8BITMIME\r\n250 PIPELINING\r\n")
                .Awaits("RSET\r\n").Says("250 rset\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n")
                .Fin();
            // Before the EHLO, in the middle of a group, and at its end.
            bed.Sim.Client.Says($"{command}EHLO c\r\nRSET\r\n{command}NOOP\r\nQUIT\r\n").Awaits("221").Fin();

            bed.Sim.RunToEnd();

            // Blanks before a verb go on at once.
            Assert.Equal("EHLO c\r\nRSET\r\nNOOP\r\nQUIT\r\n", Regex.Replace(bed.Sim.Relay.Heard, "(^|\n)[ \t]+", "$1"));
            Assert.Equal($"220 mx\r\n{Refused}250-mx\r\n250-8BITMIME\r\n250 PIPELINING\r\n250 rset\r\n{Refused}250 noop\r\n221 bye\r\n",
                bed.Sim.Client.Heard);
            var refused = bed.Record.GetProperty("exchanges").EnumerateArray().Where(static e => e.GetProperty("code").GetInt32() == 550)
                .ToArray();
            Assert.Equal(2, refused.Length);
            Assert.All(refused, static e => Assert.Equal("proxy", e.GetProperty("origin").GetString()));
        }
    }

    [Theory]
    [InlineData("250-mx\r\n250-XCLIENT ADDR\r\n250-XFORWARD ADDR\r\n250 SIZE\r\n", "XClient, XForward")]
    [InlineData("250-mx\r\n250 xclient ADDR\r\n", "XClient")]
    [InlineData("250-mx\n250-XFORWARD\n250 SIZE\n", "XForward")]
    [InlineData("250-mx\r\n250-XCLIENTS\r\n250-SIZE XCLIENT\r\n250 AUTH\r\n", "None")]
    [InlineData("250 XCLIENT is my name\r\n", "None")]
    [InlineData("502-no\r\n502 XCLIENT\r\n", null)]
    public void Relay_ThatOffersToTrustTheProxy_IsSeenTo_HoweverItsReplyIsCut(string reply, string? offered)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(reply).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.Client.Says("EHLO c\r\nQUIT\r\n").Awaits("221").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal(offered is null ? [] : [$"relay-0:{offered}"], bed.Relays.Offered);
        }
    }

    [Fact]
    public void Relay_WhoseReplyIsCutOff_IsNotJudged()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250-SIZE\r\n").Fin();
        bed.Sim.Client.Says("EHLO c\r\n").Awaits("SIZE").Fin();
        bed.Sim.RunToEnd();
        Assert.Empty(bed.Relays.Offered);
    }

    [Fact]
    public void Command_CutAtEveryOctet_NeverPasses()
    {
        const string Command = "XCLIENT ADDR=203.0.113.1\r\n";
        for (var cut = 1; cut < Command.Length; cut++)
        {
            var bed = new SessionBed();
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220").Says(Command[..cut]).Waits(TimeSpan.FromSeconds(1)).Says(Command[cut..]).Awaits("550")
                .Says("QUIT\r\n").Awaits("221").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal("QUIT\r\n", bed.Sim.Relay.Heard);
        }
    }

    [Theory]
    [InlineData("DATA\r\n", "503 no\r\n")]
    [InlineData("AUTH LOGIN\r\n", "504 no\r\n")]
    [InlineData("STARTTLS\r\n", "454 no\r\n")]
    public void Command_AfterOneThatIsRefused_IsACommand(string holder, string refusal)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits(holder).Waits(TimeSpan.FromSeconds(1)).Says(refusal).Awaits("QUIT\r\n")
                .Says("250 noop\r\n221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220").Says($"{holder}NOOP\r\nXCLIENT ADDR=203.0.113.1\r\nQUIT\r\n").Awaits("221").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal($"{holder}NOOP\r\nQUIT\r\n", bed.Sim.Relay.Heard);
            Assert.Equal($"220 mx\r\n{refusal}250 noop\r\n{Refused}221 bye\r\n", bed.Sim.Client.Heard);
        }
    }

    /// <summary>A chunk ends anywhere in a line, so that the command after it may begin there.</summary>
    [Fact]
    public void Command_AfterAChunkAfterARefusedData_IsACommand()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("DATA\r\n").Says("503 no\r\n").Awaits("abcde").Says("503 no\r\n").Awaits("QUIT\r\n")
                .Says("221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220").Says("DATA\r\nBDAT 5\r\nabcdeXCLIENT ADDR=203.0.113.1\r\nQUIT\r\n").Awaits("221").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal("DATA\r\nBDAT 5\r\nabcdeQUIT\r\n", bed.Sim.Relay.Heard);
            Assert.Equal($"220 mx\r\n503 no\r\n503 no\r\n{Refused}221 bye\r\n", bed.Sim.Client.Heard);
        }
    }

    /// <summary>Lines that read like commands in a message, in a chunk and in a SASL exchange are none.</summary>
    [Fact]
    public void Words_InAMessage_AChunkOrAResponse_PassUnchanged()
    {
        const string Body = "XCLIENT a\r\nxforward b\r\n.XCLIENT\r\n.\r\n";
        const string Chunk = "XCLIENT c\r\n";
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 CHUNKING\r\n").Awaits("AUTH LOGIN\r\n")
                .Says("334 a\r\n").Awaits("\r\n").Says("235 ok\r\n")
                .Awaits("MAIL FROM:<a@b>\r\n").Says("250 ok\r\n").Awaits("RCPT TO:<c@d>\r\n").Says("250 ok\r\n").Awaits("DATA\r\n")
                .Waits(TimeSpan.FromSeconds(1))
                .Says("354 go\r\n").Awaits("\r\n.\r\n").Says("250 queued\r\n").Awaits($"BDAT {Chunk.Length}\r\n{Chunk}").Says("503 no\r\n")
                .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            var said = $"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n{Body}BDAT {Chunk.Length}\r\n{Chunk}QUIT\r\n";
            bed.Sim.Client.Awaits("220").Says("EHLO c\r\n").Awaits("CHUNKING\r\n").Says("AUTH LOGIN\r\n").Awaits("334 a\r\n")
                .Says("XCLIENT\r\n").Awaits("235").Says(said).Awaits("221").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal($"EHLO c\r\nAUTH LOGIN\r\nXCLIENT\r\n{said}", bed.Sim.Relay.Heard);
            Assert.Equal("quit", bed.Record.GetProperty("final_state").GetString());
        }
    }

    /// <summary>What cannot be a guarded command goes on although nobody knows yet what it is (PROTOCOL 1.2).</summary>
    [Fact]
    public void Octets_AfterData_GoOnBeforeTheReply()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            // The relay answers only when it has all: who pipelines like this shall be seen to.
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("DATA\r\nSubject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n")
                .Says("503 5.5.1 pipelining\r\n500 a\r\n500 b\r\n500 c\r\n500 d\r\n221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220").Says("DATA\r\nSubject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n").Awaits("221").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal("quit", bed.Record.GetProperty("final_state").GetString());
        }
    }

    [Theory]
    [InlineData("NOOP\r\nXCL", "NOOP\r\nXCL")]
    [InlineData("NOOP\r\nXCLIENT ADDR=203.0.113.1", "NOOP\r\n")]
    [InlineData("AUTH LOGIN\r\nb64\r\n", "AUTH LOGIN\r\nb64\r\n")]
    [InlineData("DATA\r\nBDAT 5\r\nabcdefg\r\n", "DATA\r\nBDAT 5\r\nabcdefg\r\n")]
    [InlineData("DATA\r\nBDAT 5\r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", "DATA\r\nBDAT 5\r\n")]
    [InlineData("AUTH LOGIN\r\nXCLIENT ADDR=203.0.113.1\r\nRSET\r\n", "AUTH LOGIN\r\n")]
    public void Ends_OfBothSides_PassAfterEverythingBeforeThem(string said, string heard)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("\r\n").Fin();
            bed.Sim.Client.Awaits("220").Says(said).Fin();
            bed.Sim.RunToEnd();
            Assert.Equal(heard, bed.Sim.Relay.Heard);
            Assert.True(bed.Sim.Elapsed < TimeSpan.FromMinutes(1), $"{bed.Sim.Elapsed}");
        }
    }

    /// <summary>What looks like TLS that nobody asked for hides nothing.</summary>
    [Fact]
    public void Command_InADialogueThatIsNotFollowed_EndsTheSession()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n");
            bed.Sim.Client.Awaits("220 mx\r\n")
                .Says("\u0016\u0003\u0001\0\u00c8\u0001\0\0\u00c4\u0003\u0003\r\nBDAT 3\r\nabcXCLIENT ADDR=203.0.113.1\r\nMAIL " +
                    "FROM:<a@b>\r\n");
            bed.Sim.RunToEnd();
            Assert.DoesNotContain("XCLIENT ", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.DoesNotContain("MAIL", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(("refused", "xclient_blocked"),
                (bed.Record.GetProperty("outcome").GetString(), bed.Record.GetProperty("diagnosis").GetProperty("code").GetString()));
        }
    }

    [Fact]
    public void Command_AfterMoreThanAreFollowed_EndsTheSession()
    {
        var bed = new SessionBed();
        var many = string.Concat(Enumerable.Repeat("NOOP\r\n", 20_000));
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Client.Awaits("220 mx\r\n").Says($"{many}BDAT 3\r\nabcXCLIENT ADDR=203.0.113.1\r\nMAIL FROM:<a@b>\r\n");
        bed.Sim.RunToEnd();
        Assert.DoesNotContain("XCLIENT ", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.DoesNotContain("MAIL", bed.Sim.Relay.Heard, StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_InGreatGroups_PassAndAreGuarded()
    {
        const int Group = 4_000;
        var bed = new SessionBed();
        var some = string.Concat(Enumerable.Repeat("NOOP\r\n", Group));
        var many = string.Concat(Enumerable.Repeat(some, 5));
        var replies = string.Concat(Enumerable.Repeat("250 ok\r\n", Group));
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Client.Awaits("220");
        for (var n = 0; n < 5; n++)
        {
            bed.Sim.Client.Says(some).Awaits(replies);
            bed.Sim.Relay.Awaits(some).Says(replies);
        }

        bed.Sim.Relay.Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Says("XCLIENT ADDR=203.0.113.1\r\nQUIT\r\n").Awaits("221").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal($"{many}QUIT\r\n", bed.Sim.Relay.Heard);
        Assert.EndsWith($"250 ok\r\n{Refused}221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    [Fact]
    public void Client_OfANamedNetwork_MaySpeakForOthers()
    {
        var bed = new SessionBed();
        _ = Networks.TryParse("192.0.2.0/24", out var named);
        bed.Host.Admit("inbound", ListenerPolicy.Open with { XClientFrom = named });
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 XCLIENT ADDR\r\n").Awaits("XCLIENT ADDR=203.0.113.1\r\n")
            .Says("220 mx\r\n")
            .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Says("EHLO c\r\n").Awaits("250 XCLIENT ADDR\r\n").Says("XCLIENT ADDR=203.0.113.1\r\n").Awaits("220 mx\r\n")
            .Says("QUIT\r\n").Awaits("221").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\nXCLIENT ADDR=203.0.113.1\r\nQUIT\r\n", bed.Sim.Relay.Heard);
    }

    /// <summary>A client that sends what the proxy answers without waiting for that has pipelined it (RFC 2920 3.1),
    /// however many there are.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(200)]
    public void Commands_ThatTheGuardAnswers_SentInOneGroup_AreRecordedAsPipelined(int count)
    {
        var bed = new SessionBed();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("PIPELINING\r\n")
            .Says(string.Concat(Enumerable.Repeat("XCLIENT ADDR=192.0.2.1\r\n", count)) + "NOOP\r\n")
            .Awaits("250 noop\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 PIPELINING\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n")
            .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        var alone = bed.Record.GetProperty("exchanges").EnumerateArray().Where(static e => !e.GetProperty("pipelined").GetBoolean())
            .Select(static e => e.GetProperty("verb").GetString());
        Assert.Equal(["EHLO", "XCLIENT", "QUIT"], alone);
        Assert.Equal(count, bed.Sim.Client.Heard.Split("550 ").Length - 1);
    }
}
