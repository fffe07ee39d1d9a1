using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions;

/// <summary>Chunks that nobody has to look at, and that the transport moves by itself.</summary>
public sealed class SessionSpliceTests
{
    private const int From = 64 * 1024;

    [Theory]
    [InlineData(From - 1, 0)]
    [InlineData(From, From)]
    [InlineData(From + 1, From + 1)]
    public void Chunk_OfWhichEnoughIsLeft_IsMovedWithoutBeingShown(int size, int moved)
    {
        var bed = InChunk(size);
        bed.Sim.Run();
        Assert.Equal(moved, bed.Sim.Pair.ClientLeg.Splice);

        bed.Sim.Client.Says(new byte[size]).Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("QUIT\r\n").Says("250 queued\r\n221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("\0QUIT\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal(size, bed.Record.GetProperty("transactions")[0].GetProperty("wire_octets").GetInt64());
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>To a relay that may not count the chunk as it is counted here, everything is looked at.</summary>
    [Fact]
    public void Chunk_ForARelayWithoutChunking_IsLookedAt()
    {
        var bed = InChunk(4 * From, offer: "250 SIZE\r\n");
        bed.Sim.Run();
        Assert.Equal(0, bed.Sim.Pair.ClientLeg.Splice);
    }

    /// <summary>Nothing of a client that may speak for others is guarded, so that nothing need be looked at.</summary>
    [Fact]
    public void Chunk_OfAClientThatMaySpeakForOthers_IsMovedWithoutBeingShown()
    {
        Assert.Null(Networks.TryParse("192.0.2.0/24", out var named));
        var bed = InChunk(4 * From, offer: "250 SIZE\r\n", named);
        bed.Sim.Run();
        Assert.Equal(4 * From, bed.Sim.Pair.ClientLeg.Splice);

        bed.Sim.Client.Says(new byte[4 * From]).Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("QUIT\r\n").Says("250 queued\r\n221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(4 * From, bed.Record.GetProperty("transactions")[0].GetProperty("wire_octets").GetInt64());
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>The end of a client of which nothing is guarded passes as it comes, while its replies are still to come.</summary>
    [Fact]
    public void End_OfAClientThatMaySpeakForOthers_PassesBeforeItsReplies()
    {
        Assert.Null(Networks.TryParse("192.0.2.0/24", out var named));
        var bed = new SessionBed();
        bed.Host.Admit("inbound", ListenerPolicy.Open with { XClientFrom = named });
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Client.Awaits("220 mx\r\n").Says("NOOP\r\n").Fin();
        bed.Sim.Run();
        Assert.Equal(("NOOP\r\n", EndKind.Fin), (bed.Sim.Relay.Heard, bed.Sim.Relay.End));
        bed.Sim.Relay.Says("250 noop\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("220 mx\r\n250 noop\r\n", bed.Sim.Client.Heard);
    }

    /// <summary>The client is not silent: it is the relay that does not take what is moved to it.</summary>
    [Fact]
    public void Relay_ThatTakesNothingOfWhatIsMoved_ClientIsToldSo()
    {
        var bed = InChunk(10 * From);
        bed.Sim.Run();
        bed.Sim.Relay.Window = bed.Sim.Relay.Octets.Count + 100;
        bed.Sim.Client.Says(new byte[From]);
        bed.Sim.Pass(TimeSpan.FromMinutes(10));
        Assert.EndsWith("421 4.4.2 Timeout: the relay did not answer in time, closing the connection\r\n", bed.Sim.Client.Heard,
            StringComparison.Ordinal);
        Assert.Equal(EndKind.Reset, bed.Sim.Relay.End);
        Assert.Equal((1, 0), (bed.Limits("write_timeout"), bed.Limits("idle_timeout")));
    }

    /// <summary>It stood still for a while, and that is forgotten when it has taken all: nothing runs out long after.</summary>
    [Fact]
    public void Relay_ThatTookWhatIsMovedAfterAWhile_IsNotLateLongAfter()
    {
        var bed = InChunk(10 * From);
        bed.Sim.Relay.Window = "EHLO c\r\nMAIL FROM:<a@b>\r\n".Length;
        bed.Sim.Run();
        bed.Sim.Relay.Window = null;
        bed.Sim.Run();
        bed.Sim.Relay.Window = 0;
        bed.Sim.Client.Says(new byte[1]);
        bed.Sim.Pass(TimeSpan.FromMinutes(4));
        bed.Sim.Relay.Window = null;
        bed.Sim.Client.Says(new byte[(10 * From) - 1]);
        bed.Sim.Relay.Says("250 queued\r\n");
        for (var minute = 0; minute < 15; minute++)
        {
            bed.Sim.Client.Says("NOOP\r\n").Awaits($"250 {minute}\r\n");
            bed.Sim.Relay.Awaits("NOOP\r\n").Says($"250 {minute}\r\n");
            bed.Sim.Pass(TimeSpan.FromMinutes(1));
        }

        Assert.Equal((0, 0), (bed.Limits("write_timeout"), bed.Limits("idle_timeout")));
        Assert.EndsWith("250 14\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    private static SessionBed InChunk(int size, string offer = "250 CHUNKING\r\n", Networks? named = null)
    {
        var bed = new SessionBed();
        if (named is not null)
        {
            bed.Host.Admit("inbound", ListenerPolicy.Open with { XClientFrom = named });
        }

        bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits(offer).Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n")
            .Awaits("250 c\r\n").Says($"BDAT {size} LAST\r\n");
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n" + offer).Awaits("RCPT TO:<c@d>\r\n")
            .Says("250 a\r\n250 c\r\n");
        return bed;
    }
}
