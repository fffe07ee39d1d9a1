using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SmtpProxy.Faults.Engine;

/// <summary>Chance that can be repeated: a keyed hash of seed, rule, what is drawn for, and how often, instead of a generator that all
/// sessions would share and whose outcome would depend on their order.</summary>
public static class KeyedDraw
{
    /// <summary>The number for one draw, from 0 (included) to 1: the first 53 bits of HMAC-SHA256, keyed with the seed (8 octets,
    /// big-endian), over <c>rule NUL key NUL ordinal</c> in UTF-8.</summary>
    /// <param name="seed">The seed of the process.</param>
    /// <param name="rule">The rule's name.</param>
    /// <param name="key">What is drawn for.</param>
    /// <param name="ordinal">The how-many-th draw of that chain.</param>
    public static double Of(long seed, string rule, string key, long ordinal)
    {
        Span<byte> secret = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(secret, seed);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(FormattableString.Invariant($"{rule}\0{key}\0{ordinal}")), hash);
        const int Mantissa = 53;
        return (BinaryPrimitives.ReadUInt64BigEndian(hash) >> (64 - Mantissa)) / (double)(1UL << Mantissa);
    }
}
