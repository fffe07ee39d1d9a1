using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SmtpProxy.Protocol.Messages;

/// <summary>
/// Finds how far message data is plain: lines that end in CRLF, are not too long, do not begin with a dot, and hold neither a CR, an LF nor
/// a NUL of their own. Nothing in it can be an end or a finding of <see cref="DataScanner"/>, whatever came before it and whatever follows.
/// It looks at whole blocks, and never at single octets, and says nothing about what stopped it.
/// </summary>
internal static class PlainText
{
    /// <summary>Octets that are judged together. Each block that is not plain costs one look in vain.</summary>
    internal const int Block = 256;

    /// <summary>Finds where the plain blocks end.</summary>
    /// <param name="octets">The data.</param>
    /// <param name="from">The first octet to look at, at least 1: the octet before it decides whether it begins
    /// a line. That one is no CR.</param>
    /// <param name="line">Octets of the line so far, before <paramref name="from"/>.</param>
    /// <param name="longest">The most octets of a line, its end included.</param>
    /// <returns><paramref name="from"/>, and a multiple of <see cref="Block"/>.</returns>
    // Code with vectors of unknown width is not compiled ahead of time. Compiled in haste at first, it would
    // be slower than no vectors at all.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int End(ReadOnlySpan<byte> octets, int from, long line, int longest)
    {
        ref byte first = ref MemoryMarshal.GetReference(octets);
        Vector<byte> cr = new((byte)'\r'), lf = new((byte)'\n'), dot = new((byte)'.');
        var at = from;
        // No line that reaches into the next block begins before this: the first octet after a line end, or an earlier one.
        var begins = from - line;
        for (; octets.Length - at >= Block; at += Block)
        {
            Vector<byte> unusual = Vector<byte>.Zero, ends = Vector<byte>.Zero, least = Vector<byte>.AllBitsSet;
            for (var offset = at; offset < at + Block; offset += Vector<byte>.Count)
            {
                var here = Vector.LoadUnsafe(ref first, (nuint)offset);
                var before = Vector.LoadUnsafe(ref first, (nuint)offset - 1);
                var end = Vector.Equals(here, lf);
                // A CR and an LF that are not one after the other; a dot that begins a line; of the least octet it shows whether it is NUL.
                unusual |= (Vector.Equals(before, cr) ^ end) | (Vector.Equals(before, lf) & Vector.Equals(here, dot));
                least = Vector.Min(least, here);
                ends |= end;
            }

            if (Vector.EqualsAny(unusual | Vector.Equals(least, Vector<byte>.Zero), Vector<byte>.AllBitsSet))
            {
                break;
            }

            if (ends == Vector<byte>.Zero)
            {
                continue;
            }

            if (at + Block - begins > longest && IsOverlong(octets, from, at, begins, longest))
            {
                break;
            }

            // It ends somewhere in here, and so do all that are wholly in here.
            begins = at + 1;
        }

        return at;
    }

    /// <summary>Whether the line that ends first in a block is too long.</summary>
    private static bool IsOverlong(ReadOnlySpan<byte> octets, int from, int at, long begins, int longest)
    {
        var last = octets[from..at].LastIndexOf((byte)'\n');
        var ends = at + octets[at..].IndexOf((byte)'\n') + 1;
        return ends - (last < 0 ? begins : from + last + 1) > longest;
    }
}
