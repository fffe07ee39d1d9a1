using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>What waits behind something that is held: it is bounded, and goes on unchanged.</summary>
public sealed class SlotQueueBoundTests
{
    /// <summary>What the simulation reads at once, and what is enough to wait.</summary>
    private const int Most = (64 + 16) * 1024;

    private const string Noops = "NOOP\r\nVRFY a\r\n";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>A reply is held, and the relay goes on: with one line after another of the next reply, with many replies, with words that
    /// nobody asked for, or with lines that belong to no reply.</summary>
    [Theory]
    [InlineData("250-more\r\n", "250 end\r\n", 100_000, true)]
    [InlineData("250-more\r\n", "250 end\r\n", 100_000, false)]
    [InlineData("000 wait\r\n", "250 end\r\n", 100_000, false)]
    [InlineData("", "250 end\r\n421 soon\r\n421 soon\r\n", 0, false)]
    [InlineData("421 soon\r\n", "", 20_000, false)]
    public void Relay_ThatSpeaksOnBehindAReplyThatIsHeld_IsReadNoFurtherThanToABound(string word, string last, int words, bool isWatched)
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeReply = 10 * Second);
        if (isWatched)
        {
            faults.Behind(FaultPoint.Vrfy, static s => s.BeforeReply = Second);
        }

        var bed = AtRest(faults);
        var replies = "250 noop\r\n" + (word[..Math.Min(3, word.Length)] == "421" ? "250 end\r\n" : "")
            + string.Concat(Enumerable.Repeat(word, words)) + last;
        bed.Sim.Client.Says(Noops);
        bed.Sim.Relay.Awaits(Noops).Says(replies);
        bed.Sim.Pass(5 * Second);
        Assert.EndsWith("STARTTLS\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(words > 0, bed.Sim.Pair.RelayLeg.IsPaused);
        Assert.True(Unread(bed) >= replies.Length - Most, $"{replies.Length - Unread(bed)} octets were read");

        bed.Sim.Pass(20 * Second);

        Assert.False(bed.Sim.Pair.RelayLeg.IsPaused);
        Assert.EndsWith("STARTTLS\r\n" + replies, bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>The same while a command is held, and the relay has not been asked it.</summary>
    [Fact]
    public void Relay_ThatSpeaksWhileACommandIsHeld_IsReadNoFurtherThanToABound()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeForward = 10 * Second);
        var bed = AtRest(faults);
        var words = string.Concat(Enumerable.Repeat("421 soon\r\n", 20_000));
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Pass(Second);
        bed.Sim.Relay.Says(words).Awaits("NOOP\r\n").Says("250 noop\r\n");
        bed.Sim.Pass(5 * Second);
        Assert.True(Unread(bed) >= words.Length - Most);
        bed.Sim.Pass(20 * Second);
        Assert.Equal(0, Unread(bed));
        Assert.EndsWith("STARTTLS\r\n" + words + "250 noop\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.EndsWith("NOOP\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
    }

    /// <summary>And while a fleet is asked about a reply.</summary>
    [Fact]
    public void Relay_ThatSpeaksOnWhileAFleetIsAsked_IsReadNoFurtherThanToABound()
    {
        var faults = new FakeFaults { MayAsk = true, Late = FaultPoint.Noop }.Behind(FaultPoint.Noop, static _ => { });
        var bed = AtRest(faults);
        var replies = "250 noop\r\n" + string.Concat(Enumerable.Repeat("250-more\r\n", 100_000)) + "250 end\r\n";
        bed.Sim.Client.Says(Noops);
        bed.Sim.Relay.Awaits(Noops).Says(replies);
        bed.Sim.Run();
        Assert.EndsWith("STARTTLS\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.True(Unread(bed) >= replies.Length - Most);
        faults.Answer();
        bed.Sim.Run();
        Assert.EndsWith("STARTTLS\r\n" + replies, bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>A reply that must become whole before anybody can say whether it is held is read, however long it is, up to where it is too
    /// long to be changed: nobody waits for what is not read.</summary>
    [Theory]
    [InlineData(1_000)]
    [InlineData(5_000)]
    [InlineData(20_000)]
    public void Reply_ThatIsLongerThanTheBound_BecomesWhole_BehindOneThatIsHeld(int lines)
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeReply = 10 * Second)
            .Behind(FaultPoint.Vrfy, static s => s.BeforeReply = 10 * Second);
        var bed = AtRest(faults);
        var reply = string.Concat(Enumerable.Repeat("250-more\r\n", lines)) + "250 end\r\n";
        bed.Sim.Client.Says(Noops).Awaits("250 end\r\n").Says("NOOP\r\n").Awaits("250 noop\r\n").Says("QUIT\r\n")
            .Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits(Noops).Says("250 noop\r\n" + reply).Awaits("NOOP\r\n").Says("250 noop\r\n").Awaits("QUIT\r\n")
            .Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n250 noop\r\n" + reply + "250 noop\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        // One that is too long for it passes as it comes.
        Assert.Equal(lines == 20_000 ? 2 : 3, faults.Injections.Count);
    }

    /// <summary>The relay is taken while it is not read: its end is seen all the same.</summary>
    [Theory]
    [InlineData(EndKind.Fin)]
    [InlineData(EndKind.Reset)]
    public void Relay_TakenWhileItIsReadNoFurther_IsReadToItsEnd(EndKind how)
    {
        var faults = new FakeFaults { Age = 5 * Second }.At(FaultPoint.Noop, static s => s.BeforeReply = 60 * Second)
            .At(FaultPoint.Elapsed, s => (s.Withhold, s.AbortRelay) = (true, how));
        var bed = AtRest(faults);
        bed.Sim.Client.Says(Noops).Awaits("421 ").Awaits("\r\n").Fin();
        bed.Sim.Relay.Awaits(Noops).Says("250 noop\r\n" + string.Concat(Enumerable.Repeat("250-more\r\n", 100_000))).Fin();
        bed.Sim.Pass(4 * Second);
        Assert.True(bed.Sim.Pair.RelayLeg.IsPaused);
        bed.Sim.Pass(2 * Second);
        Assert.Equal(how, bed.Sim.Relay.End);
        Assert.Equal(0, Unread(bed));
        bed.Sim.RunToEnd();
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
    }

    /// <summary>Something is kept of a command whose reply is awaited. However long commands are, that is bounded.</summary>
    [Fact]
    public void Commands_OfGreatLength_BehindAReplyThatIsHeld_GoOnUpToABound()
    {
        const int Commands = 100;
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeReply = 10 * Second)
            .Behind(FaultPoint.Vrfy, static s => s.BeforeReply = TimeSpan.FromTicks(1));
        var bed = AtRest(faults);
        var command = "VRFY " + new string('x', 30_000) + "\r\n";
        bed.Sim.Client.Says("NOOP\r\n" + string.Concat(Enumerable.Repeat(command, Commands)));
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n");
        foreach (var reply in Enumerable.Range(0, Commands))
        {
            bed.Sim.Relay.Awaits(command).Says($"252 {reply}\r\n");
        }

        bed.Sim.Pass(5 * Second);
        Assert.InRange(bed.Sim.Relay.Heard.Length, 200_000, 400_000);
        Assert.InRange((Commands * command.Length) - bed.Sim.Pair.ClientLeg.Inbox, 200_000, 600_000);
        bed.Sim.Pass(20 * Second);
        Assert.Equal("EHLO c\r\nNOOP\r\n".Length + (Commands * command.Length), bed.Sim.Relay.Heard.Length);
        Assert.EndsWith($"252 {Commands - 1}\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(Commands + 1, faults.Injections.Count);
    }

    /// <summary>Words that nobody asked for cost more than their octets while they wait, and a reply that somebody did no more.</summary>
    [Theory]
    [InlineData(15, false)]
    [InlineData(17, true)]
    public void Words_ThatNobodyAskedFor_CostMoreThanTheirOctets(int words, bool isPaused)
    {
        var bed = AtRest(new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeReply = 10 * Second));
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n" + string.Concat(Enumerable.Repeat("421 soon\r\n", words)));
        bed.Sim.Pass(5 * Second);
        Assert.Equal(isPaused, bed.Sim.Pair.RelayLeg.IsPaused);
    }

    /// <summary>Nor does a read that adds nothing to what waits: octets that nobody follows cost once for each read.</summary>
    [Fact]
    public void Octets_ThatNobodyFollows_CostOnceForEachRead()
    {
        var bed = AtRest(new FakeFaults().At(FaultPoint.StartTls, static s => s.BeforeReply = 10 * Second));
        bed.Sim.Client.Says("STARTTLS\r\n");
        bed.Sim.Relay.Awaits("STARTTLS\r\n").Says("220 go\r\n");
        for (var n = 0; n < 10; n++)
        {
            bed.Sim.Relay.Says("x");
        }

        bed.Sim.Pass(5 * Second);
        Assert.Equal((0, false), (Unread(bed), bed.Sim.Pair.RelayLeg.IsPaused));
        bed.Sim.Pass(10 * Second);
        Assert.EndsWith("220 go\r\nxxxxxxxxxx", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    private static int Unread(SessionBed bed) => bed.Sim.Pair.RelayLeg.Inbox;

    private static SessionBed AtRest(FakeFaults faults)
    {
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply);
        return bed;
    }
}
