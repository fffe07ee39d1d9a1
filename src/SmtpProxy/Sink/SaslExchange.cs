using System.Buffers.Text;
using System.Text;

namespace SmtpProxy.Sink;

/// <summary>AUTH PLAIN (RFC 4616) and LOGIN, with and without initial response (RFC 4954 4). Anything that is base64 authenticates, or with
/// <see cref="SinkOptions.Password"/> what has that; nothing of it is kept or logged.</summary>
internal sealed class SaslExchange(SinkOptions options, ReplyQueue replies)
{
    private readonly Answer _always = options.Plan[Stage.Auth];
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
        return initial is [(byte)'='] ? Accept([]) : Take(initial);
    }

    /// <summary>A line behind a challenge.</summary>
    /// <returns>Whether another one follows.</returns>
    public bool Respond(ReadOnlySpan<byte> line) => line is [(byte)'*'] ? Refuse(Replies.AuthCancelled) : Take(line);

    private bool Take(ReadOnlySpan<byte> response) => Base64.IsValid(response) ? Accept(response) : Refuse(Replies.AuthNotBase64);

    private bool Accept(ReadOnlySpan<byte> response)
    {
        if (--_responsesDue > 0)
        {
            return Ask();
        }

        // Only the last response has the password: behind the second NUL of PLAIN, or all of LOGIN's.
        IsDone = _always.IsAcceptance && HasPassword(response);
        var reply = _always.Ending is AnswerEnding.Drop or AnswerEnding.Reset ? default
            : _always.Code != 0 ? AnswerReply.Of(_always)
            : IsDone ? Replies.Authenticated : Replies.BadCredentials;
        replies.Add(reply, _always.Delay, _always.Ending);
        return false;
    }

    private bool HasPassword(ReadOnlySpan<byte> response) => options.Password is not { } password
        || Encoding.UTF8.GetString(Convert.FromBase64String(Encoding.ASCII.GetString(response))) is var said
        && (_isLogin ? said : said[(said.LastIndexOf('\0') + 1)..]) == password;

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
