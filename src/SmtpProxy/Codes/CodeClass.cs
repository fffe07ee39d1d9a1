namespace SmtpProxy.Codes;

/// <summary>What the digits of a code say by themselves (RFC 5321 4.2.1).</summary>
public static class CodeClass
{
    /// <summary>The first digit: how it went.</summary>
    public static string Severity(int code) => (code / 100) switch
    {
        2 => "positive completion: done; the next command may be sent",
        3 => "positive intermediate: accepted so far; the server waits for more",
        4 => "transient negative: not now; trying again later may succeed",
        5 => "permanent negative: not like this; do not repeat it unchanged",
        _ => "no class of SMTP",
    };

    /// <summary>The second digit: what it is about.</summary>
    public static string Category(int code) => (code / 10 % 10) switch
    {
        0 => "syntax",
        1 => "information",
        2 => "the connection",
        5 => "the mail system",
        _ => "unspecified",
    };
}
