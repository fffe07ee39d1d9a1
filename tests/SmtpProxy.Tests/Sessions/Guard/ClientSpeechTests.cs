using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Guard;
using SmtpProxy.Tests.Sessions.Faulted;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>What the dialogue shows that makes a word of the client harmless: that it is inside TLS with the relay, or in a chunk that the
/// relay counts as well.</summary>
public sealed class ClientSpeechTests
{
    private const string Forged = "XCLIENT ADDR=203.0.113.1\r\n";
    private const string Hello = "\u0016\u0003\u0001\u0000\u0010\u0001\u0000\u0000\u000cxxxxxxxxxxxx";

    /// <summary>Where nobody asked for TLS, a record of the relay's own shows that it speaks it (RFC 8446, section 5.1): an alert, a
    /// handshake or data, of version 3. What the client alone says proves nothing.</summary>
    [Theory]
    [InlineData("\u0015\u0003\u0003", true)]
    [InlineData("\u0016\u0003\u0003", true)]
    [InlineData("\u0017\u0003\u0001", true)]
    [InlineData("\u0014\u0003\u0003", false)]
    [InlineData("\u0018\u0003\u0003", false)]
    [InlineData("\u0016\u0002\u0003", false)]
    [InlineData("\u0016\u0004\u0003", false)]
    public void Word_BehindWhatLooksLikeTls_PassesOnlyWhereTheRelaySpeaksItToo(string record, bool passes)
    {
        foreach (var faults in (bool[])[false, true])
        {
            var bed = new SessionBed(faults: faults ? new FakeFaults() : null);
            bed.Sim.Client.Says(Hello).Awaits("ab").Says(Forged).Awaits("cd").Fin();
            bed.Sim.Relay.Awaits(Hello).Says(record + "\u0000\u0002ab").Awaits("ADDR").Says("\u0017\u0003\u0003\u0000\u0002cd").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal(Hello + (passes ? Forged : ""), bed.Sim.Relay.Heard);
            Assert.Equal(passes ? 0 : 1, bed.Limits("xclient_blocked"));
        }
    }

    [Theory]
    [InlineData("\u0016\u0003\u0003\u0000\u0002ab", true)]
    [InlineData("\u0015\u0003\u0003\u0000\u0002ab", true)]
    [InlineData("\u0016\u0002\u0003\u0000\u0002ab", false)]
    [InlineData("\u0014\u0003\u0003\u0000\u0002ab", false)]
    public void Word_BehindWhatLooksLikeTls_PassesWhereTheRelaySpeaksIt_HoweverItsRecordIsCut(string record, bool passes)
    {
        for (var cut = 1; cut <= record.Length; cut++)
        {
            string[] pieces = cut < record.Length ? [record[..cut], record[cut..]] : [.. record.Select(static c => new string(c, 1))];
            var bed = new SessionBed();
            bed.Sim.Client.Says(Hello).Awaits("ab").Says(Forged).Awaits("cd").Fin();
            bed.Sim.Relay.Awaits(Hello);
            foreach (var piece in pieces)
            {
                bed.Sim.Relay.Says(piece).Waits(TimeSpan.FromSeconds(1));
            }

            bed.Sim.Relay.Awaits("ADDR").Says("cd").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal(Hello + (passes ? Forged : ""), bed.Sim.Relay.Heard);
        }
    }

    /// <summary>A relay that speaks no SMTP speaks no TLS either.</summary>
    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("\u0016\u0003\u0003\u0000\u0002ab")]
    public void Word_ForARelayThatDoesNotGreet_NeverPasses(string greeting)
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says(greeting);
        bed.Sim.Client.Awaits(greeting).Says(Forged);
        bed.Sim.RunToEnd();
        Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal(1, bed.Limits("xclient_blocked"));
    }

    /// <summary>TLS that the relay grants passes through: what is in it is nobody's to read, and a word there is one by chance.</summary>
    [Fact]
    public void Word_InsideTlsThatTheRelayHasGranted_Passes()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("STARTTLS\r\n").Says("220 go\r\n").Awaits("ADDR=203.0.113.1\r\n").Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says("STARTTLS\r\n").Awaits("220 go\r\n").Says(Hello + Forged).Fin();
            bed.Sim.RunToEnd();
            Assert.Equal("STARTTLS\r\n" + Hello + Forged, bed.Sim.Relay.Heard);
            Assert.Equal(0, bed.Limits("xclient_blocked"));
        }
    }

    /// <summary>The keyword is the whole line, in any case (RFC 5321, section 4.1.1.1); what only looks like it promises nothing.</summary>
    [Theory]
    [InlineData("CHUNKING", true)]
    [InlineData("chunking", true)]
    [InlineData("CHUNKING ", true)]
    [InlineData("CHUNKINGS", false)]
    [InlineData("CHUNKIN", false)]
    [InlineData("XHUNKING", false)]
    [InlineData("CHUNKING X", false)]
    [InlineData(" CHUNKING", false)]
    [InlineData("SIZE CHUNKING", false)]
    public void Chunk_IsCountedByTheRelay_WhereItOffersChunking(string offer, bool isOffered) =>
        Assert.Equal(isOffered, Passes(["EHLO c\r\n"], [$"250-mx\r\n250-{offer}\r\n250 SIZE\r\n"]));

    /// <summary>What was offered before the last hello is offered no more.</summary>
    [Theory]
    [InlineData("EHLO d\r\n", "250-mx\r\n250 SIZE\r\n", false)]
    [InlineData("EHLO d\r\n", "250-mx\r\n250 CHUNKING\r\n", true)]
    [InlineData("LHLO d\r\n", "250-mx\r\n250 SIZE\r\n", false)]
    [InlineData("HELO d\r\n", "250 mx\r\n", false)]
    [InlineData("EHLO d\r\n", "502 no\r\n", false)]
    [InlineData("NOOP\r\n", "250 ok\r\n", true)]
    [InlineData("RSET\r\n", "250 ok\r\n", true)]
    public void Chunk_IsCountedByTheRelay_WhereItsLastHelloOffersChunking(string command, string reply, bool isOffered) =>
        Assert.Equal(isOffered, Passes(["EHLO c\r\n", command], ["250-mx\r\n250 CHUNKING\r\n", reply]));

    [Fact]
    public void Chunk_IsCountedByTheRelay_OnlyWhereItsSizeIsWhatItSays()
    {
        var bed = new SessionBed();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("CHUNKING\r\n").Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n")
            .Awaits("250 b\r\n").Says("BDAT 9\r\nXCLIENT A").Awaits("250 c\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 CHUNKING\r\n").Awaits("RCPT TO:<c@d>\r\n")
            .Says("250 a\r\n250 b\r\n").Awaits("XCLIENT A").Says("250 c\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("BDAT 9\r\nXCLIENT AQUIT\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal(0, bed.Limits("xclient_blocked"));
    }

    /// <summary>Octets that pass unseen are counted once: by the session where it has the same dialogue, or else here.</summary>
    [Theory]
    [InlineData(false, 100)]
    [InlineData(true, 60)]
    public void Octets_ThatPassUnseen_AreSkippedByWhoHasTheDialogue(bool isApart, int left)
    {
        var bench = new GuardBench(GuardedWords.None);
        bench.Context.PartingWitness = bench.Speech;
        if (isApart)
        {
            bench.Context.PartDialogues(DialogueProtocol.Smtp);
        }

        bench.Speech.Said("BDAT 100\r\n"u8);
        Assert.Equal(100, bench.Speech.Unexamined(Leg.Client));
        bench.Speech.Skip(Leg.Client, 40);
        Assert.Equal(left, bench.Speech.Unexamined(Leg.Client));
    }

    /// <summary>From then on the session reads its own dialogue again.</summary>
    [Fact]
    public void Dialogues_ThatPart_AreReadByWhoHasThem()
    {
        var bench = new GuardBench();
        bench.Context.PartingWitness = bench.Speech;
        Assert.Equal((true, true), (bench.Context.Dialogue.IsClientRead, bench.Context.Dialogue.IsRelayRead));
        bench.Context.PartDialogues(DialogueProtocol.Smtp);
        Assert.Equal((false, false, false),
            (bench.Context.Dialogue.IsClientRead, bench.Context.Dialogue.IsRelayRead, bench.Speech.IsShared));
        Assert.True(bench.Context.RelayDialogue!.IsRead);
    }

    /// <summary>Whether a word in a chunk passes after these commands.</summary>
    private static bool Passes(string[] commands, string[] replies)
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Client.Awaits("220 mx\r\n");
        foreach (var (command, reply) in commands.Zip(replies))
        {
            bed.Sim.Client.Says(command).Awaits(reply);
            bed.Sim.Relay.Awaits(command).Says(reply);
        }

        bed.Sim.Client.Says($"BDAT {Forged.Length}\r\n{Forged}").Waits(TimeSpan.FromSeconds(2)).Fin();
        bed.Sim.RunToEnd();
        var passes = bed.Sim.Relay.Heard.EndsWith(Forged, StringComparison.Ordinal);
        Assert.Equal(passes ? 0 : 1, bed.Limits("xclient_blocked"));
        return passes;
    }
}
