using System.Text;
using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Faults;

/// <summary>What a strike lets a client hear.</summary>
internal static class Said
{
    /// <summary>All octets, pauses left out.</summary>
    public static string By(Strike strike, string real) =>
        string.Concat(Steps(strike, real).OfType<ReplyStep.Say>().Select(static step => Encoding.Latin1.GetString(step.Octets.Span)));

    /// <summary>The steps of the slot.</summary>
    public static IReadOnlyList<ReplyStep> Steps(Strike strike, string real) => strike.Reply!(Encoding.Latin1.GetBytes(real));
}
