using System.Diagnostics;

namespace SmtpProxy.Tests.Fuzzing;

/// <summary>Tries a target with its corpus and with inputs made of it.</summary>
internal static class FuzzRun
{
    /// <summary>The smallest input of those that fail, and how; null: none of so many.</summary>
    public static (byte[] Input, Exception Failure)? Go(FuzzTarget target, IReadOnlyList<byte[]> corpus, int seed, long inputs,
        TimeSpan? longest = null)
    {
        foreach (var known in corpus.Concat(target.Seeds))
        {
            if (Failure(target, known) is { } failure)
            {
                return Smallest(target, known, failure);
            }
        }

        var mutator = new Mutator(target, corpus, seed);
        var watch = Stopwatch.StartNew();
        for (var n = 0L; n < inputs; n++)
        {
            var input = mutator.Next();
            if (Failure(target, input) is { } failure)
            {
                return Smallest(target, input, failure);
            }

            if ((n & 63) == 0)
            {
                // Inputs of inputs: more than one change away from what people wrote.
                mutator.Keep(input);
            }

            if (longest is { } limit && (n & 1023) == 0 && watch.Elapsed > limit)
            {
                break;
            }
        }

        return null;
    }

    private static (byte[] Input, Exception Failure) Smallest(FuzzTarget target, byte[] input, Exception failure)
    {
        for (var size = input.Length / 2; size > 0; size /= 2)
        {
            for (var at = 0; at + size <= input.Length;)
            {
                byte[] smaller = [.. input[..at], .. input[(at + size)..]];
                if (Failure(target, smaller) is { } same)
                {
                    (input, failure) = (smaller, same);
                    continue;
                }

                at += size;
            }
        }

        return (input, failure);
    }

#pragma warning disable CA1031 // Whatever is thrown is what was looked for.
    private static Exception? Failure(FuzzTarget target, byte[] input)
    {
        try
        {
            target.Try(input);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
#pragma warning restore CA1031
}
