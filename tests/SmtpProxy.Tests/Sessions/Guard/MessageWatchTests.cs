using System.Text;
using SmtpProxy.Sessions.Guard;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>Which octets of a message some relay could take for commands; each whole, cut at every index, and octet by octet.</summary>
public sealed class MessageWatchTests
{
    private const GuardedWords Identity = GuardedWords.XClient | GuardedWords.XForward;
    private const string Forged = "XCLIENT ADDR=203.0.113.1\r\n";

    [Theory]
    [InlineData("hi\n.\n" + Forged, true)]
    [InlineData("hi\r\n.\n" + Forged, true)]
    [InlineData("hi\n.\r\n" + Forged, true)]
    [InlineData("hi\r.\r" + Forged, true)]
    [InlineData("hi\0.\0" + Forged, true)]
    [InlineData("hi\0.\n" + Forged, true)]
    [InlineData(".\n" + Forged, true)]
    [InlineData(".\r" + Forged, true)]
    [InlineData("a.\n.b\n.\n" + Forged, true)]
    [InlineData("hi\n.\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nmore " + Forged, true)]
    [InlineData("hi\r\n..\r\n" + Forged, false)]
    [InlineData("hi\r\n.x\r\n" + Forged, false)]
    [InlineData("hi\r\n. \r\n" + Forged, false)]
    [InlineData("hi.\r\n" + Forged, false)]
    [InlineData(".hi.\r\n" + Forged, false)]
    [InlineData("\n\n" + Forged, false)]
    [InlineData(Forged + Forged, false)]
    [InlineData("see XCLIENT.\n..\n" + Forged, false)]
    [InlineData("hi\n.\nsee XCLIENTS, and XFORWARD.\n", false)]
    public void Word_AfterALineThatIsOnlyADotToSome_IsFound_HoweverItIsCut(string message, bool expected) =>
        EachWay(message, pieces => Assert.Equal(expected, Finds(pieces)));

    /// <summary>Blocks are judged together: a dot counts at each place of them, at their borders and behind the last.</summary>
    [Theory]
    [InlineData("\n", true)]
    [InlineData("\r", true)]
    [InlineData("\0", true)]
    [InlineData(" ", false)]
    [InlineData("\t", false)]
    [InlineData("\v", false)]
    [InlineData(".", false)]
    public void Dot_AtAnyPlaceOfALongText_BeginsALineBehindAnEndAlone(string before, bool expected)
    {
        var length = (2 * LineDots.Block) + 37;
        for (var place = 1; place < length; place++)
        {
            var text = Encoding.Latin1.GetBytes(new string('x', place - 1) + before + "." + new string('.', length - place - 1));
            Assert.Equal(expected ? place : -1, LineDots.Next(text, 1));
            Assert.Equal(expected ? place : -1, LineDots.Next(text, place));
            Assert.Equal(-1, LineDots.Next(text, place + 1));
        }
    }

    /// <summary>As what looks at one octet after the other, with any octets and from any place on.</summary>
    [Fact]
    public void Dots_OfAnyText_AreThoseThatAreFoundOneByOne()
    {
        var random = new Random(1);
        for (var round = 0; round < 3_000; round++)
        {
            var text = new byte[random.Next(1, 4 * LineDots.Block)];
            random.NextBytes(text);
            var rare = random.Next(2, 40);
            foreach (ref var octet in text.AsSpan())
            {
                octet = random.Next(rare) == 0 ? ".\r\n\0"u8[random.Next(4)] : octet;
            }

            var expected = Enumerable.Range(1, text.Length - 1)
                .Where(at => text[at] == '.' && text[at - 1] is 13 or 10 or 0).ToArray();
            var found = new List<int>();
            for (var at = LineDots.Next(text, 1); at >= 0; at = LineDots.Next(text, at + 1))
            {
                found.Add(at);
            }

            Assert.Equal(expected, found);
        }
    }

    /// <summary>What stood before the dot is none of what comes after it.</summary>
    [Theory]
    [InlineData("of XCLIENT", "s, all\n.\nhi\n", false)]
    [InlineData("XCLIENT", "\n.\nhi\n", false)]
    [InlineData("hi\n.\nXCLI", "ENT A\n", true)]
    [InlineData("hi\n.", "\nXCLIENT A\n", true)]
    [InlineData("hi\n", ".\nXCLIENT A\n", true)]
    [InlineData("hi\n.", "x\nXCLIENT A\n", false)]
    [InlineData("hi.", "\nXCLIENT A\n", false)]
    public void Word_CutInTwo_IsFoundOnlyWhereAllOfItComesAfterTheDot(string first, string second, bool expected) =>
        Assert.Equal(expected, Finds([Encoding.Latin1.GetBytes(first), Encoding.Latin1.GetBytes(second)]));

    /// <summary>The relay answered before the end: to some of them the rest are commands, and so is a word that has begun.</summary>
    [Theory]
    [InlineData("hi\r\nXCL", "IENT ADDR=203.0.113.1\r\n", true)]
    [InlineData("hi\r\nXCLIENT", " ADDR=203.0.113.1\r\n", true)]
    [InlineData("hi\r\n", Forged, true)]
    [InlineData("hi\r\n", "more of it, xforward A\r\n", true)]
    [InlineData("XCLIENT A\r\n", "hi\r\n", false)]
    [InlineData("XCLIENT", "S A\r\n", false)]
    public void Word_AfterAnEarlyVerdict_IsFoundAnywhere(string before, string after, bool expected)
    {
        EachWay(after, pieces =>
        {
            var (watch, words) = (new MessageWatch(), default(WordWatch));
            Assert.False(watch.Finds(Encoding.Latin1.GetBytes(before), ref words, isDoubtful: false, isOver: false, Identity));
            Assert.Equal(expected, pieces.Any(p => watch.Finds(p, ref words, isDoubtful: true, isOver: false, Identity)));
        });
    }

    /// <summary>The next message is another: what was lax of the one before is forgotten, and its first line begins with it.</summary>
    [Theory]
    [InlineData("hi\n.\nmore\r\n.\r\n", Forged, false)]
    [InlineData("hi\r\n.\r\n", Forged, false)]
    [InlineData("hi\r\n.\r\n", "see XCLIENT A\r\n", false)]
    [InlineData("hi", ".\n" + Forged, true)]
    [InlineData("hi\r\n.", "\n" + Forged, false)]
    public void Message_AfterAnother_BeginsAnew(string first, string second, bool expected)
    {
        EachWay(second, pieces =>
        {
            var (watch, words) = (new MessageWatch(), default(WordWatch));
            Assert.False(watch.Finds(Encoding.Latin1.GetBytes(first), ref words, isDoubtful: false, isOver: true, Identity));
            Assert.Equal(expected, pieces.Any(p => watch.Finds(p, ref words, isDoubtful: false, isOver: false, Identity)));
        });
    }

    [Fact]
    public void Message_AfterOneThatEndedInTheMiddleOfAWord_DoesNotGoOnWithIt()
    {
        var (watch, words) = (new MessageWatch(), default(WordWatch));
        Assert.False(watch.Finds("hi XCLI"u8, ref words, isDoubtful: true, isOver: true, Identity));
        Assert.False(watch.Finds("ENT A"u8, ref words, isDoubtful: true, isOver: false, Identity));
    }

    [Fact]
    public void Octets_OfWhichThereAreNone_ChangeNothing()
    {
        var (watch, words) = (new MessageWatch(), default(WordWatch));
        Assert.False(watch.Finds("hi\n."u8, ref words, isDoubtful: false, isOver: false, Identity));
        Assert.False(watch.Finds([], ref words, isDoubtful: false, isOver: false, Identity));
        Assert.True(watch.Finds("\nXCLIENT A\n"u8, ref words, isDoubtful: false, isOver: false, Identity));
    }

    private static bool Finds(IEnumerable<byte[]> pieces)
    {
        var (watch, words) = (new MessageWatch(), default(WordWatch));
        return pieces.Any(p => watch.Finds(p, ref words, isDoubtful: false, isOver: false, Identity));
    }

    private static void EachWay(string text, Action<IEnumerable<byte[]>> check)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        for (var cut = 1; cut <= octets.Length; cut++)
        {
            check([octets[..cut], octets[cut..]]);
        }

        check(octets.Select(static octet => new[] { octet }));
    }
}
