using System.Text;
using System.Text.RegularExpressions;
using SmtpProxy.Codes;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Telemetry.Privacy;

/// <summary>How much of a refusal's text may be written down.</summary>
public enum RefusalTextPrivacy : byte
{
    /// <summary>Nothing (<c>none</c>).</summary>
    None,

    /// <summary>All but mail addresses (<c>masked</c>).</summary>
    Masked,

    /// <summary>All of it (<c>full</c>).</summary>
    Full,
}

/// <summary>Lets through of a relay's refusal what the privacy level allows. Relays put into it what they were told: an address most often,
/// and where they did not understand a line, the line.</summary>
internal static partial class RefusalText
{
    /// <summary>Returns code and text in one line, in printable ASCII and Latin-1; null: nothing may be shown.</summary>
    public static string? Of(RefusalReply? refusal, RefusalTextPrivacy level)
    {
        // What is said to AUTH may name the user, and what is said to no command of SMTP may repeat a password, or a
        // line of a message, that came as one.
        if (level == RefusalTextPrivacy.None
            || refusal is not { IsOurs: false, Operation: not (Operation.Auth or Operation.Other or Operation.Vrfy) })
        {
            return null;
        }

        var line = new StringBuilder(refusal.Text.Length + 4).Append(refusal.Code).Append(' ');
        foreach (var letter in refusal.Text.TrimEnd())
        {
            line.Append(char.IsControl(letter) ? ' ' : letter);
        }

        var text = line.ToString();
        return level == RefusalTextPrivacy.Full ? text : Address().Replace(text, "(address)");
    }

    /// <summary>What stands around an @, as it is or as URLs, HTML, xtext (RFC 3461 4) and VERP write it, with or without spaces; and
    /// UUCP's way to a host. Rather too much than too little: local parts may hold almost anything.</summary>
    [GeneratedRegex(@"(""[^""]*""|[^\s<>""]+)\s*(@|%40|[+=]40|&#0*64;|&#x0*40;|&commat;)\s*[^\s<>""]+|[^\s<>""]+![^\s<>""]+",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Address();
}
