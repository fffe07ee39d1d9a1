using System.Buffers.Text;
using System.Text;

namespace SmtpProxy.Sink;

/// <summary>AUTH PLAIN (RFC 4616) and LOGIN, with and without initial response (RFC 4954 4). Anything that is base64 authenticates;
/// nothing of it is looked at, kept or logged.</summary>
internal sealed class SaslExchange(ReplyQueue replies)
{
    private int _responsesDue;
    private bool _isLogin;

    /// <summary>Whether an exchange has succeeded.</summary>
    public bool IsDone { get; private set; }

    /// <summary>AUTH and its arguments.</summary>
    /// <returns>Whether the next line is a response.</returns>
    public bool Begin(ReadOnlySpan<byte> arguments)
    {
        var blank = arguments.IndexOf((byte)' ');
        var mechanism = blank < 0 ? arguments : arguments[..blank];
        if (mechanism.IsEmpty)
        {
            return Refuse(Replies.AuthSyntax);
        }

        _isLogin = Ascii.EqualsIgnoreCase(mechanism, "LOGIN"u8);
        if (!_isLogin && !Ascii.EqualsIgnoreCase(mechanism, "PLAIN"u8))
        {
            return Refuse(Replies.UnknownMechanism);
        }

        _responsesDue = _isLogin ? 2 : 1;
        if (blank < 0)
        {
            return Ask();
        }

        var initial = arguments[blank..].Trim((byte)' ');
        // "=" is an initial response without octets; "*" cancels only behind a challenge, and is not base64.
        return initial is [(byte)'='] ? Accept() : Take(initial);
    }

    /// <summary>A line behind a challenge.</summary>
    /// <returns>Whether another one follows.</returns>
    public bool Respond(ReadOnlySpan<byte> line) => line is [(byte)'*'] ? Refuse(Replies.AuthCancelled) : Take(line);

    private bool Take(ReadOnlySpan<byte> response) => Base64.IsValid(response) ? Accept() : Refuse(Replies.AuthNotBase64);

    private bool Accept()
    {
        if (--_responsesDue > 0)
        {
            return Ask();
        }

        IsDone = true;
        replies.Add(Replies.Authenticated);
        return false;
    }

    private bool Ask()
    {
        replies.Add(_responsesDue == 2 ? Replies.AskForUserName : _isLogin ? Replies.AskForPassword : Replies.AskForPlain);
        return true;
    }

    private bool Refuse(ReadOnlySpan<byte> reply)
    {
        replies.Add(reply);
        return false;
    }
}
