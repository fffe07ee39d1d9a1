using System.Buffers;
using System.Text;
using SmtpProxy.Protocol.Lines;

namespace SmtpProxy.Protocol.Tests.Lines;

public sealed class LineFramerTests
{
    /// <summary>Of which no other test leaves many in a row in a buffer.</summary>
    private const byte Secret = 0xd7;

    /// <summary>Every octet, alone in a line that is whole or cut.</summary>
    [Fact]
    public void Octets_ThatAreUnusual_AreToldOfTheirLineAlone()
    {
        for (var octet = 0; octet < 256; octet++)
        {
            if (octet == '\n')
            {
                continue;
            }

            foreach (var cut in new[] { 0, 1, 2 })
            {
                var framer = default(LineFramer);
                byte[] octets = [(byte)'a', (byte)octet, (byte)'b', (byte)'\r', (byte)'\n', (byte)'c', (byte)'\r', (byte)'\n'];
                Assert.False(cut > 0 && framer.TryRead(octets.AsSpan(0, cut), 100, out _, out _));
                Assert.Equal(cut, framer.Pending);
                Assert.True(framer.TryRead(octets.AsSpan(cut), 100, out var consumed, out var line));
                Assert.Equal((5 - cut, 5L), (consumed, line.Length));
                Assert.Equal((octet == 0, octet == '\r', octet > 127, false), (line.Nul, line.BareCr, line.EightBit, line.BareLf));
                Assert.Equal(octets[..3], line.Text.ToArray());
                framer.Release();
                Assert.True(framer.TryRead(octets.AsSpan(5), 100, out _, out line));
                Assert.Equal((false, false, false), (line.Nul, line.BareCr, line.EightBit));
            }
        }
    }

    /// <summary>What is not kept of a long line counts all the same.</summary>
    [Theory]
    [InlineData(10, 10)]
    [InlineData(10, 3)]
    [InlineData(1_000, 300)]
    public void Prefix_OfALongLine_IsWhatIsKept(int length, int prefix)
    {
        var text = new string('x', length - 1) + "y";
        for (var cut = 0; cut < length; cut += Math.Max(1, length / 20))
        {
            var framer = default(LineFramer);
            framer.TryRead(Encoding.ASCII.GetBytes(text[..cut]), prefix, out _, out _);
            framer.TryRead(Encoding.ASCII.GetBytes(text[cut..(cut + 1)]), prefix, out _, out _);
            Assert.True(framer.TryRead(Encoding.ASCII.GetBytes(text[(cut + 1)..] + "\n"), prefix, out _, out var line));
            Assert.Equal((text[..prefix], length + 1L, true), (Encoding.ASCII.GetString(line.Text), line.Length, line.BareLf));
            framer.Release();
        }
    }

    /// <summary>A password goes nowhere with a buffer that others get: neither when a line ends, nor when it grows,
    /// nor when it is forgotten.</summary>
    [Fact]
    public void Buffer_ThatIsGivenBack_HoldsNothingOfTheLine()
    {
        for (var octets = 1; octets < 2_000; octets += 97)
        {
            foreach (var isReset in (bool[])[false, true])
            {
                var framer = default(LineFramer);
                for (var n = 0; n < octets; n += 60)
                {
                    Assert.False(framer.TryRead(Enumerable.Repeat(Secret, 60).ToArray(), 4_096, out _, out _));
                }

                if (isReset)
                {
                    framer.Reset();
                }
                else
                {
                    Assert.True(framer.TryRead("\r\n"u8, 4_096, out _, out _));
                    framer.Release();
                }

                Assert.Equal(0, framer.Pending);
                AssertPoolIsClean();
            }
        }
    }

    /// <summary>The pool gives a thread what that thread gave back last.</summary>
    private static void AssertPoolIsClean()
    {
        for (var size = 256; size <= 4_096; size *= 2)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(size);
            Assert.Equal(-1, buffer.AsSpan().IndexOf(Enumerable.Repeat(Secret, 20).ToArray()));
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
