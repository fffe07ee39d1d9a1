using System.Text.Json;
using SmtpProxy.Faults;
using SmtpProxy.Tests.Sessions.Faulted;
using SmtpProxy.Tls;

namespace SmtpProxy.Tests.Sessions;

/// <summary>A client that begins TLS where nobody asked for it: every octet passes at once, and what the relay makes of it is followed;
/// with faults armed, too.</summary>
public sealed class SessionUnaskedTlsTests
{
    private const string Hello = "\u0016\u0003\u0001\u0000\u0010\u0001\u0000\u0000\u000cxxxxxxxxxxxx";
    private const string Mail = "MAIL FROM:<a@b>\r\n";

    [Theory]
    [InlineData(false, 1, Hello)]
    [InlineData(false, 2, Hello)]
    [InlineData(true, 1, Hello)]
    [InlineData(true, 2, Hello)]
    [InlineData(true, 3, Hello)]
    [InlineData(false, 1, "\u0016")]
    [InlineData(true, 1, "\u0016")]
    [InlineData(true, 2, "\u0016\u0003\u0001")]
    [InlineData(false, 2, "\u0016\u0003\u0001")]
    public void Client_ThatPretendsTls_IsFollowedThroughTheRelaysAnswers(bool faults, int seed, string pretence)
    {
        var bed = new SessionBed(seed: seed, faults: faults ? Watching() : null);
        bed.Sim.Client.Awaits("\r\n").Says(pretence + "\r\n").Awaits("500 what\r\n").Says(Mail).Awaits("250 ok\r\n").Says("QUIT\r\n")
            .Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("\r\n").Says("500 what\r\n").Awaits(Mail).Says("250 ok\r\n").Awaits("QUIT\r\n")
            .Says("221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(pretence + "\r\n" + Mail + "QUIT\r\n", bed.Sim.Relay.Heard);
        Assert.Equal(Dialogues.Greeting + "500 what\r\n250 ok\r\n221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal(["? 500", "MAIL 250", "QUIT 221"], Exchanges(bed));
        Assert.Equal("tracked", bed.Record.GetProperty("mode").GetString());
        Assert.Equal(JsonValueKind.Null, bed.Record.GetProperty("opaque").ValueKind);
        Assert.Equal(pretence.Length > 9, Anomalies(bed).Contains("tls-on-plaintext"));
    }

    /// <summary>What may be TLS is nobody's reply to EHLO: of it nothing is held back, however it looks.</summary>
    [Fact]
    public void Relay_ThatAnswersInTls_IsNotReadAsTheReplyThatWasOwed()
    {
        const string Record = "\u0016\u0003\u0003\u0000\u0009\u0002\u0000\u0000\u0005\n25";
        var bed = new SessionBed(tls: new ListenerTls { Mode = ListenerTlsMode.None });
        bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n" + Hello);
        bed.Sim.Relay.Says("220 mx\r\n").Awaits(Hello).Says(Record);
        bed.Sim.Run();
        Assert.Equal("220 mx\r\n" + Record, bed.Sim.Client.Heard);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Client_ThatHidesCommandsBehindIt_HidesNothing(bool faults)
    {
        var bed = new SessionBed(faults: faults ? Watching() : null);
        bed.Sim.Client.Awaits("\r\n").Says(Hello + "\n" + Mail + "QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("QUIT\r\n").Says("500 what\r\n250 ok\r\n221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(["? 500", "MAIL 250", "QUIT 221"], Exchanges(bed));
        Assert.Equal("quit", bed.Record.GetProperty("final_state").GetString());
        Assert.Equal(Hello + "\n" + Mail + "QUIT\r\n", bed.Sim.Relay.Heard);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Client_WhomTheRelayGivesTls_IsOpaque(bool faults)
    {
        var bed = new SessionBed(faults: faults ? Watching() : null);
        bed.Sim.Client.Says(Hello).Awaits("ab").Says("\u0017\u0003\u0003\u0000\u0001x").Awaits("cd").Fin();
        bed.Sim.Relay.Awaits(Hello).Says("\u0016\u0003\u0003\u0000\u0002ab").Awaits("x").Says("\u0017\u0003\u0003\u0000\u0002cd").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("""{"reason":"tls","party":"client","octet":0}""", bed.Record.GetProperty("opaque").GetRawText());
        Assert.Equal("implicit", bed.Record.GetProperty("tls").GetString());
        Assert.Empty(Anomalies(bed));
    }

    /// <summary>The line after it is one like any other, and is answered in its turn.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Client_ThatPretendedTls_MaySpeakForOthersNoMoreThanBefore(bool faults)
    {
        var bed = new SessionBed(faults: faults ? Watching() : null);
        bed.Sim.Client.Awaits("\r\n").Says(Hello + "\r\n").Awaits("500 what\r\n").Says("XCLIENT ADDR=203.0.113.1\r\n").Awaits("550")
            .Awaits("\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("\r\n").Says("500 what\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(Hello + "\r\nQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.EndsWith("500 what\r\n550 5.7.0 Command not permitted from your address\r\n221 bye\r\n", bed.Sim.Client.Heard,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Client_WithMoreCommandsThanAreKept_LeavesAndIsReported()
    {
        var bed = new SessionBed();
        var many = string.Concat(Enumerable.Repeat("NOOP\r\n", 20_000));
        bed.Sim.Client.Awaits("\r\n").Says(many + Mail).Awaits("last").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits(Mail).Says("250 ok\r\n250 last").Fin();

        bed.Sim.RunToEnd();

        Assert.Contains("left-tracking", Anomalies(bed));
        var opaque = bed.Record.GetProperty("opaque");
        Assert.Equal(("limit", "client", 10_000 * 6),
            (opaque.GetProperty("reason").GetString(), opaque.GetProperty("party").GetString(), opaque.GetProperty("octet").GetInt32()));
        Assert.Equal(many + Mail, bed.Sim.Relay.Heard);
    }

    /// <summary>Rules at every point, none of which strikes.</summary>
    private static FakeFaults Watching()
    {
        var faults = new FakeFaults();
        foreach (var point in Enum.GetValues<FaultPoint>())
        {
            faults.Commands[point] = static _ => null;
            faults.Replies[point] = static _ => null;
        }

        return faults;
    }

    private static string[] Exchanges(SessionBed bed) =>
        [.. bed.Record.GetProperty("exchanges").EnumerateArray()
            .Select(static e => $"{e.GetProperty("verb").GetString()} {e.GetProperty("code").GetRawText()}")];

    private static string?[] Anomalies(SessionBed bed) =>
        [.. bed.Record.GetProperty("anomalies").EnumerateArray().Select(static a => a.GetString())];
}
