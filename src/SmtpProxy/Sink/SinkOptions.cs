using System.Globalization;
using System.Net;

namespace SmtpProxy.Sink;

/// <summary>The embedded relay that accepts and discards mail (<c>SmtpProxy:Sink</c>). Read at start.</summary>
public sealed class SinkOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SmtpProxy:Sink";

    private const int MaxHostName = 255;

    /// <summary>Whether it runs (true).</summary>
    public bool Enabled { get; set; } = true;

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
            yield return $"{path}:LmtpAddress: '{LmtpAddress}' is not an address and a port, such as 127.0.0.1:2527; leave it out for no LMTP";
        }
        else if (ParseAddress(LmtpAddress) is { Port: > 0 } lmtp && lmtp.Equals(ParseAddress(Address)))
        {
            yield return $"{path}:LmtpAddress: '{LmtpAddress}' is {path}:Address as well; give LMTP a port of its own";
        }

        if (HostName is not { Length: > 0 and <= MaxHostName } || !HostName.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-'))
        {
            yield return $"{path}:HostName: '{HostName}' is not a host name; letters, digits, dots and hyphens make one";
        }

        if (MaxSize < 0)
        {
            yield return $"{path}:MaxSize: {MaxSize} is negative; give a number of octets, or 0 for no limit";
        }

        if (Keep is < 0 or > 100_000)
        {
            yield return $"{path}:Keep: {Keep} is not between 0 and 100000";
        }

        if (MaxRecipients is < 1 or > 100_000)
        {
            yield return $"{path}:MaxRecipients: {MaxRecipients} is not between 1 and 100000 (RFC 5321 4.5.3.1.8 asks for 100 at least)";
        }
    }

    /// <summary>The end point that an option names; null when it names none. A port must be written: the parser of the framework would take
    /// a missing one for 0, and a lone number for an address.</summary>
    internal static IPEndPoint? ParseAddress(string? text) =>
        IPEndPoint.TryParse(text ?? "", out var address) && text!.EndsWith(string.Create(CultureInfo.InvariantCulture, $":{address.Port}"), StringComparison.Ordinal)
            ? address
            : null;
}
