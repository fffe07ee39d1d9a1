using System.Globalization;

namespace SmtpProxy.Tests.Differential;

/// <summary>How much is tried, and of which seed. The environment says it for long runs; what a failure prints repeats it.</summary>
internal static class Seeds
{
    /// <summary><c>SMTPPROXY_SEED</c>: a number, or anything, of which one is made.</summary>
    public static long Seed { get; } = Environment.GetEnvironmentVariable("SMTPPROXY_SEED") is not { Length: > 0 } given ? 1
        : long.TryParse(given, CultureInfo.InvariantCulture, out var number) ? number
        : given.Aggregate(7L, static (sum, c) => unchecked((sum * 31) + c));

    /// <summary>The numbers of those dialogues that one of several players has: <c>SMTPPROXY_DIALOGUES</c>, or so many, are dealt to all of
    /// them in turn, so that each is played once.</summary>
    /// <param name="player">Which of them, from 0 on.</param>
    /// <param name="players">How many there are.</param>
    /// <param name="otherwise">How many dialogues there are in all, where the environment does not say it.</param>
    public static IEnumerable<int> Dealt(int player, int players, int otherwise)
    {
        var all = Many("SMTPPROXY_DIALOGUES", otherwise);
        for (var number = player; number < all; number += players)
        {
            yield return number;
        }
    }

    /// <summary>What a variable says, or so many.</summary>
    public static int Many(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var many) ? many : otherwise;
}
