using System.Globalization;

namespace SmtpProxy.Tests.Differential;

/// <summary>How much is tried, and of which seed. The environment says it for long runs; what a failure prints repeats it.</summary>
internal static class Seeds
{
    /// <summary><c>SMTPPROXY_SEED</c>: a number, or anything, of which one is made.</summary>
    public static long Seed { get; } = Environment.GetEnvironmentVariable("SMTPPROXY_SEED") is not { Length: > 0 } given ? 1
        : long.TryParse(given, CultureInfo.InvariantCulture, out var number) ? number
        : given.Aggregate(7L, static (sum, c) => unchecked((sum * 31) + c));

    /// <summary><c>SMTPPROXY_DIALOGUES</c>, or so many.</summary>
    public static int Dialogues(int otherwise) => Many("SMTPPROXY_DIALOGUES", otherwise);

    /// <summary>What a variable says, or so many.</summary>
    public static int Many(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var many) ? many : otherwise;
}
