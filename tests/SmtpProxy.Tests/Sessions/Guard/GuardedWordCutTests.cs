using System.Text;
using SmtpProxy.Sessions.Guard;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>What of a line is known when only a part of it is there, or when what went before is kept as its gist.</summary>
public sealed class GuardedWordCutTests
{
    private const GuardedWords All = GuardedWords.StartTls | GuardedWords.XClient | GuardedWords.XForward;

    private const GuardedWords Identity = GuardedWords.XClient | GuardedWords.XForward;

    private static readonly string[] Pieces =
    [
        "X", "XCL", "IENT", "XCLIENT", "xforward", "STARTTLS", "START", " ", "  ", "\t", "\r", "\0", "\n", "\r\n", "a", "bc", "NOOP",
        "BDAT 5\r\n", "BDAT\n", "bdat", "-", "9", "Subject: x\r\n", new('b', 240), new(' ', 490), new('a', CutWatch.Shortest),
    ];

    /// <summary>The gist stands for all that has gone on: whatever comes next, as much of it goes on as would behind the whole.</summary>
    [Fact]
    public void Gist_OfWhatHasGoneOn_FindsTheSameInWhatComesNext()
    {
        for (var seed = 0; seed < 4000; seed++)
        {
            var random = new Random(seed);
            var text = Text(random, 8);
            var gone = text[..GuardedWord.Before(text, All, 0)];
            var gist = GuardedWord.Gist(gone);
            Assert.InRange(gist.Length, 0, CutWatch.Shortest);
            byte[] next = [.. text[gone.Length..], .. Text(random, 4)];
            byte[] whole = [.. gone, .. next], kept = [.. gist, .. next];
            var expected = GuardedWord.Before(whole, All, gone.Length) - gone.Length;
            Assert.True(expected == GuardedWord.Before(kept, All, gist.Length) - gist.Length,
                $"seed {seed}: {Encoding.Latin1.GetString(gone)}|{Encoding.Latin1.GetString(next)}");
        }
    }

    /// <summary>However octets arrive, the same goes on before the first that may be a command; and what has gone on stays gone.</summary>
    [Fact]
    public void Before_AskedAgainWithMore_FindsTheSameAsAtOnce()
    {
        for (var seed = 0; seed < 4000; seed++)
        {
            var random = new Random(seed);
            var text = Text(random, 8);
            var gone = 0;
            for (var length = 1; length <= text.Length; length++)
            {
                var now = GuardedWord.Before(text.AsSpan(0, length), All, gone);
                Assert.InRange(now, gone, length);
                gone = now;
            }

            Assert.True(GuardedWord.Before(text, All, 0) == gone, $"seed {seed}: {Encoding.Latin1.GetString(text)}");
        }
    }

    /// <summary>There are relays that cut a line that is too long for them, and take the rest for the next.</summary>
    [Theory]
    [InlineData(500, "XCLIENT b\r\n", 500)]
    [InlineData(499, "XCLIENT b\r\n", 510)]
    [InlineData(600, "XCL", 600)]
    [InlineData(600, "XCLIENTS b\r\n", 612)]
    [InlineData(600, "XCLIENT! b\r\n", 612)]
    [InlineData(600, "abXforward\r\n", 602)]
    [InlineData(20000, " STARTTLS\n", 20001)]
    public void Before_WhereSomeRelaysCutALine_StopsAtTheWord(int length, string rest, int expected) =>
        Assert.Equal(expected, GuardedWord.Before(Encoding.Latin1.GetBytes(new string('a', length) + rest), All, 0));

    [Theory]
    [InlineData("a\rXCLIENT b\r\n", 2)]
    [InlineData("a\0 XCL", 3)]
    [InlineData("a\r\vXCLIENT b\r\n", 3)]
    [InlineData("a\r\nb\r xforw", 6)]
    [InlineData("a\r\r\nXCLIENT", 4)]
    [InlineData("a\rb\rc", 5)]
    [InlineData("a\r\rb\rXCLIENT b\r\n", 5)]
    [InlineData("\ra\0\0b\0xforward b\r\n", 6)]
    [InlineData("XCLIENTS\rSTARTTLS", 9)]
    [InlineData("  XCLIENT", 2)]
    [InlineData("BDAT 5\r\nXCLIENT", 8)]
    [InlineData("", 0)]
    [InlineData("\r\n\r\n", 4)]
    public void Before_WhereSomeRelaysBeginALine_StopsAtTheVerb(string text, int expected) =>
        Assert.Equal(expected, GuardedWord.Before(Encoding.Latin1.GetBytes(text), All, 0));

    /// <summary>Each octet is looked at a few times. Were it looked at once for each NUL before it, this would take an hour, and a client
    /// that sends a message of NULs ahead of the reply to DATA would hold up everybody.</summary>
    [Theory]
    [InlineData("\0", "")]
    [InlineData("\r", "")]
    [InlineData("\0 ", "a")]
    [InlineData("\0", "\n")]
    public void Before_OfManyPlacesWhereALineMayBegin_LooksAtEachOnce(string many, string last)
    {
        const int Length = 64 * 1024 * 1024;
        var octets = new byte[Length + last.Length];
        for (var at = 0; at < Length; at++)
        {
            octets[at] = (byte)many[at % many.Length];
        }

        Encoding.Latin1.GetBytes(last, octets.AsSpan(Length));
        // Blanks and nothing else may still become a command.
        Assert.Equal(octets.Length, GuardedWord.Before(octets, All, 0));
    }

    [Theory]
    [InlineData("NOOP\rXCLIENT A\r\n", nameof(GuardedWords.XClient))]
    [InlineData("NOOP\0XFORWARD A\r\n", nameof(GuardedWords.XForward))]
    [InlineData("NOOP XCLIENT A\r\n", nameof(GuardedWords.None))]
    [InlineData("NOOP\rXCLIENTS\r\n", nameof(GuardedWords.None))]
    [InlineData("\rNOOP\rXCLIENT A\r\n", nameof(GuardedWords.XClient))]
    [InlineData("\0x\0XFORWARD A\n", nameof(GuardedWords.XForward))]
    [InlineData("\rx\0STARTTLS\r\r\n", nameof(GuardedWords.StartTls))]
    [InlineData("NOOP\r\r\n", nameof(GuardedWords.None))]
    [InlineData("NOOP\r\n", nameof(GuardedWords.None))]
    public void Hidden_BehindABareCrOrNul_IsFound(string line, string expected) =>
        Assert.Equal(expected, GuardedWord.Hidden(Encoding.Latin1.GetBytes(line), All).ToString());

    [Fact]
    public void Words_ThatGoOn_AreNarrowedOctetByOctet()
    {
        Assert.Equal(GuardedWords.XClient | GuardedWords.XForward, GuardedWord.Narrow(All, 0, (byte)'x'));
        Assert.Equal(GuardedWords.XClient, GuardedWord.Narrow(All, 1, (byte)'C'));
        Assert.Equal(GuardedWords.XForward, GuardedWord.Narrow(All, 7, (byte)'d'));
        Assert.Equal(GuardedWords.None, GuardedWord.Narrow(GuardedWords.XClient, 7, (byte)'d'));
        Assert.Equal(GuardedWords.None, GuardedWord.Narrow(GuardedWords.StartTls, 0, (byte)'X'));
        Assert.Equal(GuardedWords.XClient, GuardedWord.OfLength(All, 7));
        Assert.Equal(GuardedWords.StartTls, GuardedWord.OfLength(All, 8));
        Assert.Equal(GuardedWords.XForward, GuardedWord.OfLength(GuardedWords.XForward, 8));
        Assert.Equal(GuardedWords.None, GuardedWord.OfLength(All, 4));
        Assert.Equal(GuardedWords.None, GuardedWord.OfLength(GuardedWords.XForward, 7));
    }

    [Fact]
    public void Blank_IsWhatSomeRelaysSkip()
    {
        for (var octet = 0; octet < 256; octet++)
        {
            Assert.Equal(octet is (<= 32 or 127) and not '\n', GuardedWord.IsBlank((byte)octet));
            Assert.Equal(char.IsAsciiLetterOrDigit((char)octet) || octet == '-', GuardedWord.IsOfVerb((byte)octet));
        }

        Assert.Equal((0, 2, 3), (GuardedWord.Lead("a "u8), GuardedWord.Lead(" \ra"u8), GuardedWord.Lead("   "u8)));
    }

    [Theory]
    [InlineData("abcXCLIENT ADDR", true)]
    [InlineData("abcXCLIENT\n", true)]
    [InlineData("XCLIENTxforward\r", true)]
    [InlineData("XCLIENT!", false)]
    [InlineData("         XCLIENT, and         XFORWARD.", false)]
    [InlineData("         XCLIENT\n", true)]
    [InlineData("XCLIENT", false)]
    [InlineData("xXxForward X", true)]
    [InlineData("no STARTTLS here", true)]
    [InlineData("", false)]
    public void Command_AnywhereInOctets_IsOneBeforeABlank(string text, bool expected) =>
        Assert.Equal(expected, GuardedWord.IsAnywhere(Encoding.Latin1.GetBytes(text), All));

    [Fact]
    public void Starttls_ThatIsNotLookedFor_IsNone() =>
        Assert.False(GuardedWord.IsAnywhere("no STARTTLS here"u8, GuardedWords.XClient | GuardedWords.XForward));

    [Theory]
    [InlineData(499, "XCLIENT A\r\n", false)]
    [InlineData(500, "XCLIENT A\r\n", true)]
    [InlineData(501, "xforward\n", true)]
    [InlineData(501, "STARTTLS\r\n", false)]
    [InlineData(1700, "and XCLIENT A\r\n", true)]
    [InlineData(1700, "and XCLIENTS\r\n", false)]
    [InlineData(499, "XCLIENTXCLIENT A\r\n", true)]
    public void Word_WhereALineMayBeCut_IsFound_HoweverItsOctetsCome(int before, string rest, bool expected) =>
        EachWay(new string('y', before) + rest, expected);

    /// <summary>A line is as long as what stands between two line ends, and not all that was said.</summary>
    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public void Word_InAShortLine_IsNone_HoweverMuchWasSaidBeforeIt(string end)
    {
        var line = "NOOP of XCLIENT A, and more" + end;
        EachWay(string.Concat(Enumerable.Repeat(line, 30)), expected: false);
        EachWay(new string('y', 600) + end + line, expected: false);
        EachWay(new string('y', 300) + end + new string('y', 300) + " XCLIENT A" + end, expected: false);
        EachWay(line + new string('y', 600) + " XCLIENT A" + end, expected: true);
        EachWay(line + new string('y', 499) + "XCLIENT A" + end, expected: false);
        EachWay(line + new string('y', 500) + "XCLIENT A" + end, expected: true);
    }

    /// <summary>Where the line began whose beginning has gone on is at a line end, and at nothing else.</summary>
    [Fact]
    public void Octets_BehindThoseThatHaveGone_GoOn_WhateverBlanksThereWere()
    {
        var octets = "NOOP \vXCLIENT A\r\nRSET\r\n"u8;
        Assert.Equal((octets.Length, octets.Length), (GuardedWord.Before(octets, Identity, 0), GuardedWord.Before(octets, Identity, 18)));
    }

    private static void EachWay(string text, bool expected)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        for (var cut = 1; cut <= octets.Length; cut++)
        {
            var watch = default(CutWatch);
            Assert.Equal(expected, watch.Finds(octets.AsSpan(0, cut), Identity) || watch.Finds(octets.AsSpan(cut), Identity));
        }

        var each = default(CutWatch);
        var found = false;
        for (var at = 0; at < octets.Length && !found; at++)
        {
            found = each.Finds(octets.AsSpan(at, 1), Identity);
        }

        Assert.Equal(expected, found);
    }

    private static byte[] Text(Random random, int most) => Encoding.Latin1.GetBytes(
        string.Concat(Enumerable.Range(0, random.Next(most + 1)).Select(_ => Pieces[random.Next(Pieces.Length)])));
}
