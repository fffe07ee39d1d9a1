using SmtpProxy.Transport.Security;

namespace SmtpProxy.Tests.Transport.Security;

/// <summary>Records of TLS in octets that are cut anywhere.</summary>
public sealed class RecordBordersTests
{
    [Fact]
    public void Octets_HoweverTheyAreCut_AreTakenUpToTheEndOfEachRecord()
    {
        int[] lengths = [0, 1, 5, 255, 256, 16_384, 3];
        var octets = lengths.SelectMany(static length => (byte[])[0x17, 3, 3, (byte)(length >> 8), (byte)length, .. new byte[length]])
            .ToArray();
        var ends = lengths.Select((_, n) => lengths.Take(n + 1).Sum(static length => length + 5)).ToHashSet();
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var borders = default(RecordBorders);
            var met = new HashSet<int>();
            for (var at = 0; at < octets.Length;)
            {
                var most = random.Next(3) switch { 0 => 8, 1 => 600, _ => octets.Length };
                var taken = borders.Take(octets.AsSpan(at, Math.Min(octets.Length - at, random.Next(1, most + 1))));
                Assert.InRange(taken, 1, octets.Length - at);
                Assert.DoesNotContain(ends, end => end > at && end < at + taken);
                at += taken;
                _ = ends.Contains(at) && met.Add(at);
            }

            Assert.Equal(ends, met);
        }
    }

    [Fact]
    public void Octets_ThatAreNone_AreAllTakenInTheEnd()
    {
        var octets = new byte[100_000];
        new Random(1).NextBytes(octets);
        var borders = default(RecordBorders);
        var at = 0;
        while (at < octets.Length)
        {
            at += borders.Take(octets.AsSpan(at)) is var taken and > 0 ? taken : throw new InvalidOperationException("it stands still");
        }

        Assert.Equal(octets.Length, at);
        Assert.Equal(0, borders.Take([]));
    }
}
