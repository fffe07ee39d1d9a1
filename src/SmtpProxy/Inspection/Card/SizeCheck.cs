using System.Globalization;
using System.Numerics;

namespace SmtpProxy.Inspection.Card;

/// <summary>SIZE: what is too large by its own word is refused before it is sent.</summary>
internal static class SizeCheck
{
    public const string Name = "size", Source = "RFC 1870 6.1";

    public static async Task<IEnumerable<CardEntry>> LookAsync(Examination examination, CancellationToken cancel)
    {
        if (examination.Offer("SIZE") is not { } offered)
        {
            return [new CardEntry(Name, Mark.NotOffered, "", Source)];
        }

        if (examination.Mail is not { IsPositive: true })
        {
            return [new CardEntry(Name, Mark.NotTried, "MAIL was not taken", Source)];
        }

        if (offered.Length > 0 && (offered.Length > 20 || !offered.All(char.IsAsciiDigit)))
        {
            return [new CardEntry(Name, Mark.Wrong, $"SIZE {offered} is no number of octets", "RFC 1870 4")];
        }

        var small = await ParameterChecks.SayAsync(examination, "SIZE=1", cancel).ConfigureAwait(false);
        if (!small.IsPositive)
        {
            return [new CardEntry(Name, Mark.Wrong, $"it is offered, and a message of one octet is refused: {small.LastLine}", Source)];
        }

        var most = offered.Length == 0 ? BigInteger.Zero : BigInteger.Parse(offered, CultureInfo.InvariantCulture);
        // At most 20 digits can be said (RFC 1870 4).
        if (most.IsZero || offered.Length == 20)
        {
            return [new CardEntry(Name, Mark.Good, "is taken; no fixed limit is told", Source)];
        }

        var large = await ParameterChecks.SayAsync(examination, $"SIZE={most + 1}", cancel).ConfigureAwait(false);
        return
        [
            large.IsPositive
                ? new CardEntry(Name, Mark.Look,
                    $"a message of {most + 1} octets is not refused at MAIL, though {most} is the limit: a client learns it after it " +
                        $"has sent it all", Source)
                : new CardEntry(Name, large.IsFinal ? Mark.Good : Mark.Look, $"one octet more than {most} is refused with {large.LastLine}",
                    Source),
        ];
    }
}
