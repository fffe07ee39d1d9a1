using System.Buffers;

namespace SmtpProxy.Protocol.Commands;

/// <summary>A command line taken apart (RFC 5321 2.4, 4.1.1; PROTOCOL 2.5, 10.0). A CR in the line ends its verb too.</summary>
/// <remarks><code>
/// line = verb [ 1*( SP / HTAB ) arguments ]     ; blanks before and after it are ignored
/// verb = 1*( ALPHA / DIGIT / "-" )
/// </code></remarks>
public readonly ref struct CommandLine
{
    private static readonly SearchValues<byte> OfMechanism =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    /// <summary>The verb.</summary>
    public Verb Verb { get; private init; }

    /// <summary>The verb's octets as sent; empty where there is none.</summary>
    public ReadOnlySpan<byte> VerbText { get; private init; }

    /// <summary>What follows, without the blanks around it.</summary>
    public ReadOnlySpan<byte> Arguments { get; private init; }

    /// <summary>Takes a line apart. Never fails: what is no verb is <see cref="Verb.NotAVerb"/>.</summary>
    public static CommandLine Parse(ReadOnlySpan<byte> line)
    {
        var text = line.Trim(" \t"u8);
        if (text.IsEmpty)
        {
            return new CommandLine { Verb = Verb.Empty };
        }

        var length = 0;
        while (length < text.Length && IsOfVerb(text[length]))
        {
            length++;
        }

        // "Subject:" of a message that arrives as commands shows the colon that no verb has; its word still tells what it is.
        if (length == 0 || (length < text.Length && text[length] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)':')))
        {
            return new CommandLine { Verb = Verb.NotAVerb };
        }

        var rest = text[length..];
        return new CommandLine
        {
            Verb = rest is [(byte)':', ..] ? Verb.Unknown : Verbs.Of(text[..length]),
            VerbText = text[..length],
            Arguments = rest.TrimStart(" \t"u8),
        };
    }

    /// <summary>Whether it is the request line of HTTP (RFC 9112 3).</summary>
    public bool IsHttpRequest => Verb == Verb.Unknown && Arguments.IndexOf(" HTTP/"u8) >= 0;

    /// <summary>Whether one of the blank-separated parameters is this keyword, alone or with a value.</summary>
    public static bool HasParameter(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> keyword)
    {
        foreach (var range in parameters.Split((byte)' '))
        {
            var parameter = parameters[range];
            var equals = parameter.IndexOf((byte)'=');
            var name = equals < 0 ? parameter : parameter[..equals];
            if (System.Text.Ascii.EqualsIgnoreCase(name, keyword))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether this keyword is the first of a capability line (RFC 5321 4.1.1.1).</summary>
    public static bool BeginsWith(ReadOnlySpan<byte> line, ReadOnlySpan<byte> keyword)
    {
        var blank = line.IndexOf((byte)' ');
        return System.Text.Ascii.EqualsIgnoreCase(blank < 0 ? line : line[..blank], keyword);
    }

    /// <summary>The SASL mechanism that AUTH names (RFC 4954 4; RFC 4422 3.1), <c>?</c> where it is none:
    /// anything else may be a secret.</summary>
    public static ReadOnlySpan<byte> Mechanism(ReadOnlySpan<byte> arguments)
    {
        var end = arguments.IndexOfAnyExcept(OfMechanism);
        return SaslMechanisms.NameIn(end < 0 ? arguments : end == 0 ? "?"u8 : arguments[..end]);
    }

    private static bool IsOfVerb(byte octet) => octet is
        (>= (byte)'a' and <= (byte)'z') or (>= (byte)'A' and <= (byte)'Z') or (>= (byte)'0' and <= (byte)'9') or (byte)'-';
}
