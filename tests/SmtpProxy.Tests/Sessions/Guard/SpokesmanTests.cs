using SmtpProxy.Protocol.Connections;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>How much of a client is read, and how much it is answered, while it makes the proxy speak.</summary>
public sealed class SpokesmanTests
{
    private const string Refused = "550 5.7.0 Command not permitted from your address\r\n";
    private const string Forged = "XCLIENT ADDR=203.0.113.1\r\n";
    private const string TlsFirst = "530 5.7.0 Must issue a STARTTLS command first\r\n";

    /// <summary>Other sessions wait meanwhile: after sixteen answers it is their turn.</summary>
    [Theory]
    [InlineData(16, 16)]
    [InlineData(17, 16)]
    [InlineData(100, 16)]
    [InlineData(15, 15)]
    public void Answers_ToAGroup_AreNoMoreThanATurnOfTheLoopAllows(int commands, int most)
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says(Many(Forged, commands) + "NOOP\r\n").Awaits("250 noop\r\n").Fin();
        var (heard, each) = (0, new List<int>());
        while (bed.Sim.Step())
        {
            var now = bed.Sim.Client.Heard.Split(Refused).Length - 1;
            each.Add(now - heard);
            heard = now;
        }

        Assert.Equal((commands, most), (heard, each.Max()));
        bed.Sim.RunToEnd();
        Assert.Equal($"220 mx\r\n{Many(Refused, commands)}250 noop\r\n", bed.Sim.Client.Heard);
        Assert.Equal("NOOP\r\n", bed.Sim.Relay.Heard);
    }

    /// <summary>Until its next turn nothing more is read of a client that has had its answers of this one.</summary>
    [Fact]
    public void Client_WithMoreCommandsThanATurnAnswers_IsPausedUntilItsNextTurn()
    {
        const int Commands = 100;
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says(Many(Forged, Commands) + "NOOP\r\n").Awaits("250 noop\r\n").Fin();
        while (bed.Sim.Relay.Heard.Length == 0 && bed.Sim.Step())
        {
            var heard = bed.Sim.Client.Heard.Split(Refused).Length - 1;
            // 64 of them are read at a time; the others wait as they came.
            Assert.True(heard is 0 or >= 48 || bed.Sim.Pair.ClientLeg.IsPaused, $"{heard}");
        }

        bed.Sim.RunToEnd();
        Assert.Equal($"220 mx\r\n{Many(Refused, Commands)}250 noop\r\n", bed.Sim.Client.Heard);
        Assert.False(bed.Sim.Pair.ClientLeg.IsPaused);
    }

    /// <summary>Who makes the proxy speak listens first: what it says meanwhile waits, also what is the relay's to answer.</summary>
    [Fact]
    public void Client_ThatDoesNotTakeItsAnswer_IsReadNoFurther_UntilItHas()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n").Fin();
        bed.Sim.Client.Window = "220 mx\r\n".Length;
        bed.Sim.Client.Awaits("220 mx\r\n").Says(Forged).Says(Forged + "NOOP\r\n").Awaits("250 noop\r\n").Fin();
        bed.Sim.Run();
        Assert.True(bed.Sim.Pair.ClientLeg.IsPaused);
        Assert.Equal((Refused.Length, ""), (bed.Sim.Pair.ClientLeg.Unsent, bed.Sim.Relay.Heard));

        bed.Sim.Client.Window = Refused.Length - 1;
        bed.Sim.Run();
        Assert.True(bed.Sim.Pair.ClientLeg.IsPaused);
        Assert.Equal(1, bed.Sim.Pair.ClientLeg.Unsent);

        bed.Sim.Client.Window = 10_000;
        bed.Sim.Run();
        Assert.False(bed.Sim.Pair.ClientLeg.IsPaused);
        bed.Sim.RunToEnd();
        Assert.Equal($"220 mx\r\n{Refused}{Refused}250 noop\r\n", bed.Sim.Client.Heard);
        Assert.Equal("NOOP\r\n", bed.Sim.Relay.Heard);
    }

    /// <summary>The relay has not answered yet: 64 commands wait for their turn behind that, and 2,048 octets behind those.</summary>
    [Theory]
    [InlineData(128, false)]
    [InlineData(129, true)]
    public void Client_WithMoreCommandsThanWaitForTheirTurn_IsPausedUntilTheyHaveIt(int commands, bool isPaused)
    {
        var command = "XCLIENT NAME=" + new string('x', 17) + "\r\n";
        Assert.Equal(32, command.Length);
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Client.Awaits("220 mx\r\n").Says("NOOP\r\n" + Many(command, commands));
        bed.Sim.Run();
        Assert.Equal((isPaused, "NOOP\r\n"), (bed.Sim.Pair.ClientLeg.IsPaused, bed.Sim.Relay.Heard));
        Assert.Equal("220 mx\r\n", bed.Sim.Client.Heard);

        bed.Sim.Relay.Says("250 noop\r\n");
        bed.Sim.Client.Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal($"220 mx\r\n250 noop\r\n{Many(Refused, commands)}221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal("NOOP\r\nQUIT\r\n", bed.Sim.Relay.Heard);
    }

    /// <summary>The chunk of a BDAT that is refused goes nowhere, is not moved unseen, and whatever is in it means nothing; the answer
    /// comes after it.</summary>
    [Fact]
    public void Chunk_OfACommandThatIsAnsweredHere_GoesNowhere()
    {
        const int Size = 300_000;
        var bed = new SessionBed(tls: new ListenerTls { Mode = ListenerTlsMode.StartTls, Require = true },
            relayTls: RelayTls.Default("relay.example") with { Mode = RelayTlsMode.None });
        var chunk = Forged + "STARTTLS\r\n" + new string('y', Size - Forged.Length - 10);
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 CHUNKING\r\n");
        bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n").Says($"BDAT {Size} LAST\r\n" + chunk[..50]);
        bed.Sim.Run();
        var hello = "220 mx\r\n250-mx\r\n250-CHUNKING\r\n250 STARTTLS\r\n";
        Assert.Equal(hello, bed.Sim.Client.Heard);
        Assert.Equal(0, bed.Sim.Pair.ClientLeg.Splice);

        bed.Sim.Client.Says(chunk[50..^1]);
        bed.Sim.Run();
        Assert.Equal(hello, bed.Sim.Client.Heard);

        bed.Sim.Client.Says("y").Awaits(TlsFirst).Says("NOOP\r\n").Awaits("250 noop\r\n").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\nNOOP\r\n", bed.Sim.Relay.Heard);
        Assert.Equal($"{hello}{TlsFirst}250 noop\r\n", bed.Sim.Client.Heard);
        Assert.Equal(0, bed.Limits("xclient_blocked"));
    }

    /// <summary>The relay's next reply comes after them, so that they cannot wait for another turn, however many they are.</summary>
    [Fact]
    public void Answers_BetweenTwoReplies_AreAllGivenBeforeTheSecond()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("NOOP\r\n").Awaits("NOOP\r\n").Says("250 a\r\n250 b\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("NOOP\r\n" + Many(Forged, 40) + "NOOP\r\n").Awaits("250 b\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal($"220 mx\r\n250 a\r\n{Many(Refused, 40)}250 b\r\n", bed.Sim.Client.Heard);
    }

    /// <summary>What waits until its client has listened goes nowhere once the session is ended: the relay hears the end at once.</summary>
    [Fact]
    public void Stop_WhileAClientDoesNotTakeItsAnswer_DropsWhatItSaidAfterThat()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Client.Window = "220 mx\r\n".Length;
        bed.Sim.Client.Awaits("220 mx\r\n").Says(Forged).Says("NOOP\r\n");
        bed.Sim.Run();
        bed.Host.DrainAsync(TimeSpan.FromMinutes(1));
        bed.Sim.Run();
        Assert.Equal(("", EndKind.Fin), (bed.Sim.Relay.Heard, bed.Sim.Relay.End));
        bed.Sim.Client.Window = 10_000;
        bed.Sim.RunToEnd();
        Assert.Equal($"220 mx\r\n{Refused}421 4.3.2 Service is restarting, please try again\r\n", bed.Sim.Client.Heard);
        Assert.Equal("", bed.Sim.Relay.Heard);
    }

    private static string Many(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
