using System.Buffers.Text;
using System.Text;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Sink;

/// <summary>
/// Reads the answers that a local part, or the setting <c>Answers</c>, asks for (docs/sink.md):
/// <code>
/// answers = answer *("+" answer)
/// answer  = (code ["-" enhanced] / "delay-" time / "drop" / "reset") ["-" stage]
/// code    = ("4" / "5") 2DIGIT        enhanced = RFC 3463, of the same class
/// time    = 1*DIGIT ("ms" / "s" / "m"), at most 60m
/// stage   = "greeting" / "ehlo" / "auth" / "mail" / "rcpt" / "data" / "dot" / "quit"
/// </code>
/// Without regard to case. A local part that does not read like this from end to end is an ordinary one and asks for nothing.
/// </summary>
internal static class AnswerGrammar
{
    private const int MaxEnhancedDigits = 3;

    /// <summary>What the local part asks for; nothing when it is ordinary.</summary>
    /// <param name="localPart">As sent.</param>
    /// <param name="own">The stage of an answer that names none: that of the command which carries the address.</param>
    public static AnswerPlan Parse(ReadOnlySpan<byte> localPart, Stage own) => TryParse(localPart, own, out var plan) ? plan : default;

    /// <summary>Reads it; false when it asks for nothing.</summary>
    public static bool TryParse(ReadOnlySpan<byte> localPart, Stage own, out AnswerPlan plan)
    {
        plan = default;
        foreach (var range in localPart.Split((byte)'+'))
        {
            if (!TryParse(localPart[range], own, out var stage, out var answer))
            {
                plan = default;
                return false;
            }

            plan.Add(stage, answer);
        }

        return true;
    }

    private static bool TryParse(ReadOnlySpan<byte> text, Stage own, out Stage stage, out Answer answer)
    {
        stage = own;
        answer = default;
        if (text.LastIndexOf((byte)'-') is var dash and >= 0 && TryParseStage(text[(dash + 1)..], out var named))
        {
            stage = named;
            text = text[..dash];
        }

        if (Ascii.EqualsIgnoreCase(text, "drop"u8))
        {
            answer = new Answer { Ending = AnswerEnding.Drop };
            return true;
        }

        if (Ascii.EqualsIgnoreCase(text, "reset"u8))
        {
            answer = new Answer { Ending = AnswerEnding.Reset };
            return true;
        }

        var delay = "delay-"u8;
        return text.Length > delay.Length && Ascii.EqualsIgnoreCase(text[..delay.Length], delay)
            ? TryParseDelay(text[delay.Length..], out answer)
            : TryParseCode(text, out answer);
    }

    private static bool TryParseStage(ReadOnlySpan<byte> text, out Stage stage)
    {
        stage = Ascii.EqualsIgnoreCase(text, "greeting"u8) ? Stage.Greeting
            : Ascii.EqualsIgnoreCase(text, "ehlo"u8) ? Stage.Ehlo
            : Ascii.EqualsIgnoreCase(text, "auth"u8) ? Stage.Auth
            : Ascii.EqualsIgnoreCase(text, "mail"u8) ? Stage.Mail
            : Ascii.EqualsIgnoreCase(text, "rcpt"u8) ? Stage.Rcpt
            : Ascii.EqualsIgnoreCase(text, "data"u8) ? Stage.Data
            : Ascii.EqualsIgnoreCase(text, "dot"u8) ? Stage.Dot
            : Stage.Quit;
        return stage != Stage.Quit || Ascii.EqualsIgnoreCase(text, "quit"u8);
    }

    private static bool TryParseDelay(ReadOnlySpan<byte> text, out Answer answer)
    {
        answer = default;
        if (!Utf8Parser.TryParse(text, out uint number, out var digits) || !char.IsAsciiDigit((char)text[0]))
        {
            return false;
        }

        TimeSpan? unit = Ascii.EqualsIgnoreCase(text[digits..], "ms"u8) ? TimeSpan.FromMilliseconds(1)
            : Ascii.EqualsIgnoreCase(text[digits..], "s"u8) ? TimeSpan.FromSeconds(1)
            : Ascii.EqualsIgnoreCase(text[digits..], "m"u8) ? TimeSpan.FromMinutes(1)
            : null;
        if (unit is null || number * unit.Value > Answer.MaxDelay)
        {
            return false;
        }

        answer = new Answer { Delay = number * unit.Value };
        return true;
    }

    private static bool TryParseCode(ReadOnlySpan<byte> text, out Answer answer)
    {
        answer = default;
        if (text.Length < 3 || text[0] is not ((byte)'4' or (byte)'5') || !IsDigits(text[..3]))
        {
            return false;
        }

        var code = (ushort)(((text[0] - '0') * 100) + ((text[1] - '0') * 10) + (text[2] - '0'));
        var enhanced = default(EnhancedCode);
        if (text.Length > 3 && (text[3] != '-' || !TryParseEnhanced(text[4..], out enhanced) || enhanced.Class != code / 100))
        {
            return false;
        }

        // 421 says that the connection closes (RFC 5321 3.8).
        answer = new Answer { Code = code, Enhanced = enhanced, Ending = code == 421 ? AnswerEnding.Close : AnswerEnding.None };
        return true;
    }

    private static bool TryParseEnhanced(ReadOnlySpan<byte> text, out EnhancedCode enhanced)
    {
        Span<ushort> numbers = stackalloc ushort[3];
        enhanced = default;
        var count = 0;
        foreach (var range in text.Split((byte)'.'))
        {
            var part = text[range];
            if (count == numbers.Length || part.Length > MaxEnhancedDigits || !IsDigits(part)
                || !Utf8Parser.TryParse(part, out numbers[count++], out _))
            {
                return false;
            }
        }

        if (count != numbers.Length || numbers[0] > 9)
        {
            return false;
        }

        enhanced = new EnhancedCode((byte)numbers[0], numbers[1], numbers[2]);
        return true;
    }

    private static bool IsDigits(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
