using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>What a relay says that answers nothing, while a reply is held or something else happens.</summary>
public sealed class ReplyGateStrayTests
{
    private const string Hello = "\u0016\u0003\u0001\u0000\u0010\u0001\u0000\u0000\u000cxxxxxxxxxxxx";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>A line that belongs to no reply came while one was held: the reply that a rule gives after it does not
    /// wait for more.</summary>
    [Fact]
    public void Reply_OfARule_AfterALineThatBelongsToNoReply_IsGiven()
    {
        var bed = AtRest(Held().At(FaultPoint.Vrfy, static s =>
        {
            s.Withhold = true;
            s.Reply = static _ => [Say("450 injected\r\n")];
        }));
        bed.Sim.Client.Says("NOOP\r\n").Waits(2 * Second).Says("VRFY a\r\n").Awaits("450 injected\r\n");
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Waits(Second).Says("000 wait\r\n");
        bed.Sim.Pass(20 * Second);
        Assert.EndsWith("STARTTLS\r\n250 noop\r\n000 wait\r\n450 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>Words that nobody asked for answer nothing, not even what is understood after them.</summary>
    [Fact]
    public void Reply_ToWhatHasGoneOn_AfterWordsThatNobodyAskedFor_IsStruck()
    {
        var faults = Held().Behind(FaultPoint.Quit, static s => s.Reply = static _ => [Say("450 injected\r\n")]);
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n").Waits(3 * Second).Says("AUTH PLAIN AGEAYg==\r\nQUIT\r\n").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Waits(Second).Says("421 soon\r\n").Awaits("QUIT\r\n").Waits(20 * Second)
            .Says("235 in\r\n221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n250 noop\r\n421 soon\r\n235 in\r\n450 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>Words that nobody asked for are cut where nobody can say any more what octets are: all goes on, in its turn.</summary>
    [Fact]
    public void Words_CutWhereTheDialogueIsLost_GoOnInTheirTurn()
    {
        var bed = AtRest(Held());
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n250-one\r\n");
        bed.Sim.Pass(2 * Second);
        bed.Sim.Client.Says(Hello);
        bed.Sim.Pass(Second);
        bed.Sim.Relay.Says("\u0016\u0003\u0003").Says("two\r\n");
        bed.Sim.Pass(5 * Second);
        Assert.EndsWith("STARTTLS\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        bed.Sim.Pass(5 * Second);
        Assert.EndsWith("STARTTLS\r\n250 noop\r\n250-one\r\n\u0016\u0003\u0003two\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>Words that nobody asked for had begun while a command was held, and come to their end when the relay has it: they answer
    /// it, or belong to no reply, and their octets stay in order.</summary>
    [Theory]
    [InlineData("250 so", "on\r\n")]
    [InlineData("250-so\r\n250", " on\r\n")]
    [InlineData("000 so", "on\r\n250 noop\r\n")]
    [InlineData("250-so", "on\r\n250-more\r\n|250 end\r\n")]
    public void Words_ThatBeganWhileACommandWasHeld_StayInOrder(string begun, string rest)
    {
        var bed = AtRest(new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeForward = 10 * Second));
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Pass(Second);
        bed.Sim.Relay.Says(begun);
        bed.Sim.Pass(Second);
        bed.Sim.Relay.Awaits("NOOP\r\n");
        foreach (var part in rest.Split('|'))
        {
            bed.Sim.Relay.Says(part).Waits(Second);
        }

        bed.Sim.Pass(20 * Second);
        Assert.EndsWith("STARTTLS\r\n" + begun + rest.Replace("|", "", StringComparison.Ordinal), bed.Sim.Client.Heard,
            StringComparison.Ordinal);
    }

    /// <summary>A stall at a time stops what goes to the client, whether it had asked for anything or not, and whether anybody can read
    /// it.</summary>
    [Theory]
    [InlineData("421 soon\r\n")]
    [InlineData("000 wait\r\n")]
    [InlineData("421-so")]
    [InlineData("\u0016\u0003\u0003")]
    public void Stall_AtATime_StopsWhatNobodyAskedForToo(string words)
    {
        var faults = new FakeFaults { Age = 5 * Second }.At(FaultPoint.Elapsed, static s => s.Reply =
            static _ => [new ReplyStep.Stall(10 * Second, Leg.Client, StopReading: false)]);
        var bed = AtRest(faults);
        if (words[0] < ' ')
        {
            bed.Sim.Client.Says(Hello);
        }

        bed.Sim.Pass(6 * Second);
        bed.Sim.Relay.Says(words);
        bed.Sim.Pass(8 * Second);
        Assert.EndsWith("STARTTLS\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        bed.Sim.Pass(2 * Second);
        Assert.EndsWith("STARTTLS\r\n" + words, bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>What waits meanwhile is bounded: a relay that goes on is not read.</summary>
    [Fact]
    public void Relay_ThatSpeaksOnDuringAStallOfTheClient_IsReadNoFurtherThanToABound()
    {
        var faults = new FakeFaults { Age = 5 * Second }.At(FaultPoint.Elapsed, static s => s.Reply =
            static _ => [new ReplyStep.Stall(10 * Second, Leg.Client, StopReading: false)]);
        var bed = AtRest(faults);
        bed.Sim.Client.Says(Hello);
        bed.Sim.Pass(6 * Second);
        var octets = new string('\u0016', 1_000_000);
        bed.Sim.Relay.Says(octets);
        bed.Sim.Pass(Second);
        Assert.True(bed.Sim.Pair.RelayLeg.IsPaused);
        Assert.EndsWith("STARTTLS\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        bed.Sim.Pass(10 * Second);
        Assert.False(bed.Sim.Pair.RelayLeg.IsPaused);
        Assert.EndsWith("STARTTLS\r\n" + octets, bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>Its code is what the relay's dialogue takes it for, also where its lines do not agree.</summary>
    [Theory]
    [InlineData("250-a\r\n450 b\r\n")]
    [InlineData("450-a\r\n250 b\r\n")]
    [InlineData("250\r\n")]
    [InlineData("250-a\r\n250\r\n")]
    public void Code_OfAReplyThatIsOnlyHeld_IsTheRelays(string reply)
    {
        var faults = Held();
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n").Awaits(reply).Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says(reply).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        var injection = Assert.Single(faults.Injections);
        Assert.NotNull(injection.RelayCode);
        Assert.Equal(injection.RelayCode, injection.ClientCode);
    }

    /// <summary>Where nobody can say what a reply is nothing strikes it any more, and that is known at once.</summary>
    [Fact]
    public void Greeting_ThatIsNoReply_IsSparedAtOnce()
    {
        var faults = new FakeFaults().At(FaultPoint.Greeting, static s => s.BeforeReply = 10 * Second);
        var bed = new SessionBed(faults: faults);
        bed.Sim.Relay.Says("hello\r\n");
        bed.Sim.Run();
        Assert.Equal("hello\r\n", bed.Sim.Client.Heard);
        Assert.Single(faults.Injections);
    }

    /// <summary>More commands than are answered in one turn: the relay's words come between, and answer none of the rest.</summary>
    [Fact]
    public void Words_ThatNobodyAskedFor_AmongAnswersOfTheProxy_AnswerNothing()
    {
        const int Commands = 80;
        const string Refused = "550 5.7.0 Command not permitted from your address\r\n";
        var bed = AtRest(new FakeFaults().Behind(FaultPoint.Noop, static s => s.Reply = static _ => [Say("450 injected\r\n")]));
        bed.Sim.Client.Says("VRFY a\r\n" + string.Concat(Enumerable.Repeat("XCLIENT ADDR=203.0.113.1\r\n", Commands)) + "NOOP\r\n");
        bed.Sim.Relay.Awaits("VRFY a\r\n").Says("252 a\r\n421 soon\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n");
        bed.Sim.Run();
        Assert.Equal(Commands, bed.Sim.Client.Heard.Split(Refused).Length - 1);
        Assert.EndsWith(Refused + "450 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    private static FakeFaults Held() => new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeReply = 10 * Second);

    private static ReplyStep.Say Say(string text) => new(Encoding.ASCII.GetBytes(text));

    private static SessionBed AtRest(FakeFaults faults)
    {
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply);
        return bed;
    }
}
