using System.Globalization;
using System.Net;
using System.Text;
using SmtpProxy.Transport;

namespace SmtpProxy.Sink;

/// <summary>The embedded relay that accepts and discards mail (<c>SmtpProxy:Sink</c>). Read at start.</summary>
public sealed class SinkOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SmtpProxy:Sink";

    private const int MaxHostName = 255;
    private const long LeastMemory = 64 * 1024;

    /// <summary>Whether it runs. The configuration says true where a cluster leads to it, unless somebody said otherwise.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Whether listeners that other machines can reach may lead to it, and their clients' mail be discarded (false).</summary>
    public bool AcceptPublic { get; set; }

    /// <summary>Where it speaks SMTP, <c>ADDRESS:PORT</c>; port 0 takes a free one (127.0.0.1:2526).</summary>
    public string Address { get; set; } = "127.0.0.1:2526";

    /// <summary>Where it speaks LMTP (RFC 2033) as well, or null (the default) for nowhere.</summary>
    public string? LmtpAddress { get; set; }

    /// <summary>The name in its greeting and its reply to EHLO (<c>sink.localhost</c>).</summary>
    public string HostName { get; set; } = "sink.localhost";

    /// <summary>Octets that a message may have, as announced by SIZE (RFC 1870); 0 = no limit (36,700,160).</summary>
    public long MaxSize { get; set; } = 36_700_160;

    /// <summary>Envelopes of messages that are remembered, in memory only; 0 = none (100).</summary>
    public int Keep { get; set; } = 100;

    /// <summary>Recipients that a transaction may have; one more is answered 452 4.5.3 (1,000).</summary>
    public int MaxRecipients { get; set; } = 1_000;

    /// <summary>Octets that the envelopes of all open transactions may take, and as many again those that are
    /// remembered; one more address is answered
    /// 452 4.3.1 (64 MiB, and at most a 32nd of the memory that there is). 0 = no limit.</summary>
    public long Memory { get; set; } = AvailableMemory.Share(EnvelopeMemory.DefaultLimit, 32);

    /// <summary>Answers for every session, by the grammar of addresses (docs/sink.md), such as <c>delay-1s-greeting+delay-300ms-dot</c>: a
    /// relay with a character. Without a stage it is the greeting's. Empty (the default): none.</summary>
    public string Answers { get; set; } = "";

    /// <summary>Greylisting: a sender's first mail to a recipient is answered 451 4.7.1 until this long has passed.
    /// 0 (the default) = none.</summary>
    public TimeSpan Greylist { get; set; }

    /// <summary>The password that AUTH must have; every other is answered 535 5.7.8. Null (the default): every one will do.</summary>
    public string? Password { get; set; }

    /// <summary>Whether this can be <see cref="Answers"/>.</summary>
    internal static bool AreAnswers(string? answers) =>
        string.IsNullOrEmpty(answers) || AnswerGrammar.TryParse(Encoding.UTF8.GetBytes(answers), Stage.Greeting, out _);

    /// <summary><see cref="Answers"/>, read.</summary>
    internal AnswerPlan Plan => AnswerGrammar.Parse(Encoding.UTF8.GetBytes(Answers), Stage.Greeting);

    /// <summary>What is wrong, each with the key's full path and the remedy; empty when all is well.</summary>
    /// <param name="path">The section that these options were read from.</param>
    public IEnumerable<string> Validate(string path = Section)
    {
        if (ParseAddress(Address) is null)
        {
            yield return $"{path}:Address: '{Address}' is not an address and a port, such as 127.0.0.1:2526 or [::1]:2526";
        }

        if (LmtpAddress is not null && ParseAddress(LmtpAddress) is null)
        {
            yield return $"{path}:LmtpAddress: '{LmtpAddress}' is not an address and a port, such as 127.0.0.1:2527; leave it out for " +
                $"no LMTP";
        }
        else if (ParseAddress(LmtpAddress) is { Port: > 0 } lmtp && lmtp.Equals(ParseAddress(Address)))
        {
            yield return $"{path}:LmtpAddress: '{LmtpAddress}' is {path}:Address as well; give LMTP a port of its own";
        }

        if (HostName is not { Length: > 0 and <= MaxHostName }
            || !HostName.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-'))
        {
            yield return $"{path}:HostName: '{HostName}' is not a host name; letters, digits, dots and hyphens make one";
        }

        if (!AreAnswers(Answers))
        {
            yield return $"{path}:Answers: '{Answers}' is not a list of answers, such as 421 or delay-1s-greeting+450-rcpt (docs/sink.md)";
        }

        if (Greylist < TimeSpan.Zero || Greylist > TimeSpan.FromDays(1))
        {
            yield return $"{path}:Greylist: {Greylist} is not between 0 and a day";
        }

        if (MaxSize < 0)
        {
            yield return $"{path}:MaxSize: {MaxSize} is negative; give a number of octets, or 0 for no limit";
        }

        if (Keep is < 0 or > 100_000)
        {
            yield return $"{path}:Keep: {Keep} is not between 0 and 100000";
        }

        if (Memory is < 0 or (> 0 and < LeastMemory))
        {
            yield return $"{path}:Memory: {Memory} is less than {LeastMemory} octets; give more, or 0 for no limit";
        }

        if (MaxRecipients is < 1 or > 100_000)
        {
            yield return $"{path}:MaxRecipients: {MaxRecipients} is not between 1 and 100000 (RFC 5321 4.5.3.1.8 asks for 100 at least)";
        }
    }

    /// <summary>The end point that an option names; null when it names none. A port must be written: the parser of the framework would take
    /// a missing one for 0, and a lone number for an address.</summary>
    internal static IPEndPoint? ParseAddress(string? text) =>
        IPEndPoint.TryParse(text ?? "", out var address)
        && text!.EndsWith(string.Create(CultureInfo.InvariantCulture, $":{address.Port}"), StringComparison.Ordinal)
            ? address
            : null;
}
