using System.Text;

namespace SmtpProxy.Tests.Fuzzing;

/// <summary>Something that is given any octets, and has to keep its promises.</summary>
/// <param name="Name">Its name on the command line, and of its folder in the corpus.</param>
/// <param name="Try">Throws when a promise is broken, or anything goes wrong.</param>
/// <param name="Tokens">What inputs are made of, beside noise.</param>
/// <param name="Seeds">Whole inputs to begin with.</param>
internal sealed record FuzzTarget(string Name, Action<byte[]> Try, IReadOnlyList<byte[]> Tokens, IReadOnlyList<byte[]> Seeds)
{
    /// <summary>A target whose tokens and seeds are text, one octet a character.</summary>
    public static FuzzTarget Of(string name, Action<byte[]> attempt, IEnumerable<string> tokens, IEnumerable<string> seeds) =>
        new(name, attempt, [.. tokens.Select(Encoding.Latin1.GetBytes)], [.. seeds.Select(Encoding.Latin1.GetBytes)]);

    /// <summary>A promise.</summary>
    public static void Holds(bool promise, string otherwise)
    {
        if (!promise)
        {
            throw new FuzzException(otherwise);
        }
    }
}

/// <summary>A promise is broken.</summary>
internal sealed class FuzzException(string message) : Exception(message);
