using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SmtpProxy.Sessions.Guard;

/// <summary>Finds dots that begin a line to somebody who takes CR, LF or NUL for the end of one. Other dots, of which ordinary text has
/// one or more a line, cost nothing.</summary>
internal static class LineDots
{
    /// <summary>Octets that are judged together.</summary>
    internal static readonly int Block = 4 * Vector<byte>.Count;

    /// <summary>Finds the next one.</summary>
    /// <param name="octets">The text.</param>
    /// <param name="from">The first octet that may be the dot, at least 1: the octet before it decides.</param>
    /// <returns>Where it is; -1: there is none.</returns>
    // Code with vectors of unknown width is not compiled ahead of time, see PlainText.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int Next(ReadOnlySpan<byte> octets, int from)
    {
        ref byte first = ref MemoryMarshal.GetReference(octets);
        Vector<byte> cr = new((byte)'\r'), lf = new((byte)'\n'), dot = new((byte)'.');
        var at = from;
        for (; octets.Length - at >= Block; at += Block)
        {
            var found = Vector<byte>.Zero;
            for (var offset = at; offset < at + Block; offset += Vector<byte>.Count)
            {
                var before = Vector.LoadUnsafe(ref first, (nuint)offset - 1);
                found |= Vector.Equals(Vector.LoadUnsafe(ref first, (nuint)offset), dot)
                    & (Vector.Equals(before, lf) | Vector.Equals(before, cr) | Vector.Equals(before, Vector<byte>.Zero));
            }

            if (found != Vector<byte>.Zero)
            {
                break;
            }
        }

        for (; at < octets.Length; at++)
        {
            if (octets[at] == (byte)'.' && IsEnd(octets[at - 1]))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Whether a line ends in it to somebody.</summary>
    internal static bool IsEnd(byte octet) => octet is (byte)'\r' or (byte)'\n' or 0;
}
