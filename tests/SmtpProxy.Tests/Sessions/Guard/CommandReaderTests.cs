using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Guard;
using SmtpProxy.Tls;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>Which lines are whose, where one begins in an odd place.</summary>
public sealed class CommandReaderTests
{
    private const string Forged = "XCLIENT ADDR=203.0.113.1\r\n";
    private const string Refused = "550 5.7.0 Command not permitted from your address\r\n";

    [Theory]
    [InlineData(nameof(GuardedWords.StartTls), nameof(GuardedWords.None), true, false)]
    [InlineData(nameof(GuardedWords.XClient), nameof(GuardedWords.XClient), false, true)]
    [InlineData(nameof(GuardedWords.None), nameof(GuardedWords.None), false, false)]
    public void Words_ThatAreGuarded_AreThose_AndNoOthers(string guarded, string blocked, bool startTls, bool xClient)
    {
        var reader = new GuardBench(Enum.Parse<GuardedWords>(guarded)).Commands;
        Assert.Equal(blocked, reader.Blocked.ToString());
        Assert.Equal((startTls, xClient, false),
            (reader.IsGuarded("starttls"u8), reader.IsGuarded(" xclient"u8), reader.IsGuarded("BDAT"u8)));
        Assert.Equal(blocked == nameof(GuardedWords.None), reader.IsSealed);
        Assert.Equal(xClient, reader.MayHide("and XCLIENT"u8));
        Assert.False(reader.MayHide("and STARTTLS"u8));
    }

    /// <summary>A client that may speak for others may say what it likes where nobody follows it.</summary>
    [Fact]
    public void Words_OfAClientThatIsTrusted_PassWhereTheDialogueIsNotFollowed()
    {
        const string Said = "\u0016\u0003\u0001\u0000\u0020\u0001\u0000\u0000\u001c is no STARTTLS\r\nand XCLIENT A\r\n";
        var bed = new SessionBed(tls: new ListenerTls { Mode = ListenerTlsMode.None });
        Trust(bed);
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("A\r\n").Says("500 what\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says(Said).Awaits("500 what\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal((Said, 0), (bed.Sim.Relay.Heard, bed.Limits("xclient_blocked")));
    }

    /// <summary>The line after a whole SASL response is a command, in its turn; the rest of one that was answered early is not.</summary>
    [Theory]
    [InlineData("YQ==\r\n", "235 ok\r\n", Forged, true)]
    [InlineData("YQ", "535 no\r\n", Forged, false)]
    public void Line_AfterASaslResponse_IsACommand_AndTheRestOfOneIsNot(string response, string reply, string next, bool isRefused)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("AUTH LOGIN\r\n").Says("334 a\r\n").Awaits(response).Says(reply);
            bed.Sim.Client.Awaits("220 mx\r\n").Says("AUTH LOGIN\r\n").Awaits("334 a\r\n").Says(response).Awaits(reply).Says(next);
            if (!isRefused)
            {
                bed.Sim.Relay.Awaits(next).Says("500 what\r\n");
            }

            bed.Sim.Client.Awaits(isRefused ? Refused : "500 what\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
            bed.Sim.Relay.Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal($"AUTH LOGIN\r\n{response}{(isRefused ? "" : next)}QUIT\r\n", bed.Sim.Relay.Heard);
            Assert.EndsWith($"{reply}{(isRefused ? Refused : "500 what\r\n")}221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        }
    }

    /// <summary>An empty line is one: what comes behind it in the same group is answered in its turn.</summary>
    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\n\n")]
    public void Command_BehindAnEmptyLineThatWentAhead_IsAnsweredInItsTurn(string empty)
    {
        var replies = string.Concat(Enumerable.Repeat("500 what\r\n", empty.Count(static c => c == '\n')));
        for (var seed = 0; seed < 20; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits(empty).Waits(TimeSpan.FromSeconds(1)).Says("503 no\r\n" + replies).Awaits("QUIT\r\n")
                .Says("221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says("DATA\r\n" + empty + Forged + "QUIT\r\n").Awaits("221 bye\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal($"DATA\r\n{empty}QUIT\r\n", bed.Sim.Relay.Heard);
            Assert.Equal($"220 mx\r\n503 no\r\n{replies}{Refused}221 bye\r\n", bed.Sim.Client.Heard);
        }
    }

    /// <summary>What may yet be a ClientHello may be a line to the relay, wherever it is cut: no command follows it unseen.</summary>
    [Theory]
    [InlineData("\u0016\u0003\u0001\u0022\n")]
    [InlineData("\u0016\u0003\u0001\n")]
    [InlineData("\u0016\u0003\n")]
    public void Command_BehindALineThatMayYetBeTls_NeverPasses(string line)
    {
        for (var cut = 1; cut <= line.Length; cut++)
        {
            var bench = new GuardBench(GuardedWords.StartTls);
            var told = bench.Says(line[..cut]) + bench.Says(line[cut..]) + bench.Says("STARTTLS\r\n");
            Assert.DoesNotContain("STARTTLS", told, StringComparison.Ordinal);
        }
    }

    private static void Trust(SessionBed bed)
    {
        Assert.Null(Networks.TryParse("192.0.2.0/24", out var named));
        bed.Host.Admit("inbound", ListenerPolicy.Open with { XClientFrom = named });
    }
}
