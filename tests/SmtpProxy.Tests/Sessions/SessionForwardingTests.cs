using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions;

public sealed class SessionForwardingTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Session_AnyInterleaving_PassesEveryOctetAndEveryEnd(int seed)
    {
        var bed = new SessionBed(seed: seed);
        var body = Dialogues.Body(seed % 5 == 0 ? 30_000 : 2_000);
        Dialogues.OneMessage(bed.Sim, body);

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.ClientOf(body), bed.Sim.Relay.Heard);
        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
        Assert.Equal(EndKind.Fin, bed.Sim.Relay.End);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Equal(0, bed.Relays.Open);
        Assert.Equal(["relay-0:Greeted"], bed.Relays.Reports);
        Assert.True(bed.Record.GetProperty("outcome").GetString() == "quit", bed.Record + "\n" + bed.Sim);
        Assert.Equal("delivered", bed.Record.GetProperty("transactions")[0].GetProperty("outcome").GetString());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Session_ClientSaysEverythingAndHalfCloses_StillGetsEveryReply(int seed)
    {
        var bed = new SessionBed(seed: seed);
        var body = Dialogues.Body(5_000);
        bed.Sim.Client.Says(Dialogues.ClientOf(body)).Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply).Awaits("DATA\r\n")
            .Says("250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go\r\n").Awaits("QUIT\r\n").Waits(TimeSpan.FromSeconds(20))
            .Says("250 2.0.0 queued\r\n221 2.0.0 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.ClientOf(body), bed.Sim.Relay.Heard);
        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
    }

    [Fact]
    public void Greeting_ClientSilent_PassesAtOnce()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220-first\r\n22");

        bed.Sim.Run();

        Assert.Equal("220-first\r\n22", bed.Sim.Client.Heard);
    }

    [Fact]
    public void EarlyTalk_BeforeTheRelayIsConnected_PassesOnceItIs()
    {
        var bed = new SessionBed();
        bed.Sim.Dials.Then(DialOutcome.Connected, TimeSpan.FromSeconds(3));
        bed.Sim.Client.Says("EHLO early\r\nNOOP");

        while (bed.Sim.Elapsed < TimeSpan.FromSeconds(3))
        {
            Assert.Equal("", bed.Sim.Relay.Heard);
            bed.Sim.Step();
        }

        bed.Sim.Run();

        Assert.Equal("EHLO early\r\nNOOP", bed.Sim.Relay.Heard);
    }

    [Fact]
    public void Octets_NotALineYet_AreNotHeldBack()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says(Dialogues.Greeting);
        bed.Sim.Client.Awaits("\r\n").Says("EHL");

        bed.Sim.Run();

        Assert.Equal("EHL", bed.Sim.Relay.Heard);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Garbage_BothWays_Passes(int seed)
    {
        var random = new Random(seed);
        var fromClient = new byte[random.Next(1, 30_000)];
        var fromRelay = new byte[random.Next(1, 30_000)];
        random.NextBytes(fromClient);
        random.NextBytes(fromRelay);
        var bed = new SessionBed(seed: seed);
        bed.Sim.Client.Says(fromClient).Fin();
        bed.Sim.Relay.Says(fromRelay).Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(fromClient, bed.Sim.Relay.Octets);
        Assert.Equal(fromRelay, bed.Sim.Client.Octets);
        Assert.Equal(fromClient.Length, bed.Record.GetProperty("client_octets").GetInt64());
        Assert.Equal(fromRelay.Length, bed.Record.GetProperty("server_octets").GetInt64());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void BigChunk_NobodyNeedsToLook_PassesAndIsFollowedBehind(int seed)
    {
        const int Size = 200_000;
        var chunk = new byte[Size];
        new Random(seed).NextBytes(chunk);
        var bed = new SessionBed(seed: seed);
        bed.Sim.Client.Awaits("220 ").Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n").Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n")
            .Awaits("2.1.5").Says($"BDAT {Size} LAST\r\n").Says(chunk).Says("QUIT\r\n").Awaits("221").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply).Awaits("RCPT TO:<c@d>\r\n")
            .Says("250 2.1.0 ok\r\n250 2.1.5 ok\r\n").Awaits("QUIT\r\n").Says("250 2.0.0 queued\r\n221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(bed.Sim.Relay.Octets.Skip(bed.Sim.Relay.Octets.Count - Size - 6).Take(Size), chunk);
        var record = bed.Record;
        Assert.True(record.GetProperty("final_state").GetString() == "quit", record + "\n" + bed.Sim);
        Assert.Equal(Size, record.GetProperty("transactions")[0].GetProperty("wire_octets").GetInt64());
        Assert.Equal(bed.Sim.Relay.Octets.Count, record.GetProperty("client_octets").GetInt64());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void SlowReader_WindowShut_PausesItsWriterAndLosesNothing(int seed)
    {
        var bed = new SessionBed(seed: seed);
        var body = Dialogues.Body(100_000);
        Dialogues.OneMessage(bed.Sim, body);
        bed.Sim.Relay.Window = 10_000;

        bed.Sim.Run();
        Assert.InRange(bed.Sim.Pair.Unsent(Leg.Relay), 1, 64 * 1024);
        bed.Sim.Relay.Window = null;
        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.ClientOf(body), bed.Sim.Relay.Heard);
        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
    }

    /// <summary>Who is waited for is recorded: the relay while it takes nothing, and the client once it does.</summary>
    [Fact]
    public void SlowReader_ThatTakesOctetsAgain_IsWaitedForNoLonger()
    {
        var bed = new SessionBed();
        bed.Sim.Client.Awaits("220 ").Awaits("\r\n").Says("EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n").Awaits("354 go\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("DATA\r\n").Says(Dialogues.EhloReply + "250 ok\r\n250 ok\r\n354 go\r\n");
        bed.Sim.Run();
        bed.Sim.Relay.Window = 100;
        bed.Sim.Client.Says(Dialogues.Body(4_000));
        bed.Sim.Pass(TimeSpan.FromSeconds(60));
        bed.Sim.Relay.Window = null;
        bed.Sim.Pass(TimeSpan.FromSeconds(100));
        bed.Sim.Client.Says(".\r\nQUIT\r\n").Awaits("221").Fin();
        bed.Sim.Relay.Awaits("QUIT\r\n").Says("250 ok\r\n221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.InRange(bed.Record.GetProperty("relay_ms").GetDouble(), 60_000, 61_000);
        Assert.InRange(bed.Record.GetProperty("client_ms").GetDouble(), 100_000, 101_000);
    }
}
