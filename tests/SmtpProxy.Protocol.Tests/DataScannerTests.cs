using System.Text;
using SmtpProxy.Protocol.Messages;

namespace SmtpProxy.Protocol.Tests;

/// <summary>However message data is cut, and whatever passes in blocks, the scan comes to what it comes to octet by octet.</summary>
public sealed class DataScannerTests
{
    private const int Seed = 5321;

    [Theory]
    [InlineData(".\r\n", DataFindings.None, 0, 0)]
    [InlineData("a\r\n..b\r\n.\r\n", DataFindings.None, 8, 7)]
    [InlineData("a\nb\r\n.\r\n", DataFindings.BareLf, 5, 5)]
    [InlineData("a\rb\r\n.\r\n", DataFindings.BareCr, 5, 5)]
    [InlineData("a\0b\r\n.\r\n", DataFindings.Nul, 5, 5)]
    [InlineData("a\n.\r\nb\r\n.\r\n", DataFindings.BareLf | DataFindings.LaxEnd, 8, 8)]
    public void Scan_OfAFewLines_FindsTheEndAndWhatIsUnusual(string data, DataFindings findings, long wire, long message)
    {
        var seen = Whole(Encoding.Latin1.GetBytes(data));
        Assert.Equal(new Seen(data.Length, true, findings, wire, message), seen);
    }

    [Theory]
    [InlineData(0, 1000, false)]
    [InlineData(0, 1001, true)]
    [InlineData(1, 1000, false)]
    [InlineData(255, 1001, true)]
    [InlineData(256, 1000, false)]
    [InlineData(700, 1001, true)]
    public void Line_BeyondThousandOctets_IsFoundAmongBlocksOfPlainText(int before, int length, bool isLong)
    {
        var line = new string('x', length - 2) + "\r\n";
        var data = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat("y\r\n", before)) + line
            + string.Concat(Enumerable.Repeat("z\r\n", 300)) + ".\r\n");
        Assert.Equal(isLong ? DataFindings.LongLine : DataFindings.None, Whole(data).Findings);

        // A transparency dot is not the line's (RFC 5321 4.5.3.1.6).
        Assert.Equal(isLong ? DataFindings.LongLine : DataFindings.None, Whole([.. "x\r\n."u8, .. data]).Findings);
    }

    [Fact]
    public void AnyOctets_CutAnywhere_ComeToTheSameAsOneByOne()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 500; round++)
        {
            var octets = Weighted(random, random.Next(0, 301));
            var expected = OneByOne(octets);
            Assert.Equal(expected, Exactly(octets));
            for (var cut = 0; cut <= octets.Length; cut++)
            {
                Assert.Equal(expected, Cut(octets, [cut]));
            }

            Assert.Equal(expected, Cut(octets, Cuts(random, octets.Length)));
        }
    }

    [Fact]
    public void LongText_WithRareEvents_ComesToTheSameAsOneByOne()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 1_500; round++)
        {
            var octets = Text(random, random.Next(200, 6_000));
            var expected = OneByOne(octets);
            Assert.Equal(expected, Whole(octets));
            Assert.Equal(expected, Exactly(octets));
            Assert.Equal(expected, Cut(octets, Cuts(random, octets.Length)));
        }
    }

    [Fact]
    public void EachOctet_PutAnywhereIntoPlainText_ComesToTheSameAsOneByOne()
    {
        var plain = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, 12).Select(static n => new string('a', 76 - n) + "\r\n")));
        foreach (var unusual in new[]
            { "\r", "\n", "\0", ".", "\r\n", "\r\n.", "\r\n.\r\n", "\n.\n", "\r.\r", "\r\n.\0\r\n", "\r\r\n", "\u00ff" })
        {
            for (var at = 0; at <= plain.Length; at++)
            {
                byte[] octets = [.. plain[..at], .. Encoding.Latin1.GetBytes(unusual), .. plain[at..], .. plain];
                Assert.Equal(OneByOne(octets), Whole(octets));
            }
        }
    }

    /// <summary>A line end inside a block is one also where a bare LF came last before it, wherever the block's border is.</summary>
    [Fact]
    public void End_AfterBlocksOfPlainText_IsFoundAtEveryBorder()
    {
        for (var before = 0; before < 2 * PlainText.Block; before++)
        {
            foreach (var first in new[] { "a\n", "a\r", "a\0\r\n", "" })
            {
                var data = Encoding.Latin1.GetBytes(first + new string('y', before) + "\r\n" + new string('z', PlainText.Block - 2)
                    + "\r\n.\r\n");
                Assert.Equal((data.Length, true), (Whole(data).Taken, Whole(data).Ended));
                Assert.Equal(OneByOne(data), Whole(data));
            }
        }
    }

    [Fact]
    public void Lines_OfAboutThousandOctets_AreJudgedAlikeAtEveryBorder()
    {
        for (var before = 0; before < PlainText.Block; before += 5)
        {
            foreach (var line in new[] { 996, 998, 999, 1003, 1300 })
            {
                var data = Encoding.Latin1.GetBytes(new string('a', before) + "\r\nb\r\n" + new string('c', line) + "\r\n"
                    + new string('d', 600) + "\r\n.\r\n");
                Assert.Equal(OneByOne(data), Whole(data));
            }
        }
    }

    [Fact]
    public void PlainText_PassesInBlocks()
    {
        var text = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(new string('a', 76) + "\r\n", 100)));
        Assert.Equal(1 + ((text.Length - 1) / PlainText.Block * PlainText.Block), PlainText.End(text, 1, 1, 1000));
    }

    private static Seen OneByOne(ReadOnlySpan<byte> octets) => Cut(octets, [.. Enumerable.Range(0, octets.Length)]);

    private static Seen Whole(ReadOnlySpan<byte> octets) => Cut(octets, []);

    private static Seen Exactly(ReadOnlySpan<byte> octets)
    {
        var scanner = DataScanner.Start();
        var taken = scanner.ScanExactly(octets, octets.Length, out var ended);
        return new Seen(taken, ended, scanner.Findings, scanner.WireOctets, scanner.MessageOctets);
    }

    private static Seen Cut(ReadOnlySpan<byte> octets, int[] cuts)
    {
        var scanner = DataScanner.Start();
        var (at, ended) = (0, false);
        for (var piece = 0; piece <= cuts.Length && !ended; piece++)
        {
            var to = piece < cuts.Length ? cuts[piece] : octets.Length;
            var taken = scanner.Scan(octets[at..to], out ended);
            Assert.True(ended || taken == to - at);
            at += taken;
        }

        return new Seen(at, ended, scanner.Findings, scanner.WireOctets, scanner.MessageOctets);
    }

    private static int[] Cuts(Random random, int length) =>
        [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Next(length + 1)).Order()];

    private static byte[] Weighted(Random random, int length)
    {
        // From nothing but what matters to hardly any of it.
        var rare = random.Next(1, 60);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(rare) == 0 ? "\r\n\0."u8[random.Next(4)] : (byte)'a')];
    }

    private static byte[] Text(Random random, int length)
    {
        var longest = random.Next(4) switch { 0 => 10, 1 => 80, 2 => 998, _ => 1_400 };
        var events = new[] { "\r", "\n", "\0", "\r\n.", "\r\n..", "\n.\r\n", "\r.\r\n", "\r\n.\0\r\n", ".", "\r\n.\r\n" };
        List<byte> octets = new(length + 2_000);
        while (octets.Count < length)
        {
            for (var left = random.Next(longest); left > 0; left--)
            {
                octets.Add(random.Next(40) == 0 ? (byte)'.' : (byte)random.Next(32, 256));
            }

            octets.AddRange("\r\n"u8);
        }

        for (var left = random.Next(4); left > 0; left--)
        {
            var unusual = Encoding.Latin1.GetBytes(events[random.Next(events.Length)]);
            octets.InsertRange(random.Next(octets.Count), unusual);
        }

        return [.. octets];
    }

    private readonly record struct Seen(int Taken, bool Ended, DataFindings Findings, long WireOctets, long MessageOctets);
}
