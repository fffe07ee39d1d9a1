using System.Text;
using SmtpProxy.Sink;

namespace SmtpProxy.Tests.Sink;

/// <summary>A conversation with the sink without any transport: what is said, what comes back. Delays are not waited for.</summary>
internal sealed class SinkTalk
{
    private readonly ReplyQueue _replies = new();
    private readonly SinkDialogue _dialogue;

    public SinkTalk(bool lmtp = false, SinkOptions? options = null, TimeProvider? time = null, SinkMailbox? mailbox = null)
    {
        Mailbox = mailbox ?? new SinkMailbox(100, time ?? TimeProvider.System);
        _dialogue = new SinkDialogue(options ?? new SinkOptions(), Mailbox, lmtp, _replies);
    }

    public SinkMailbox Mailbox { get; }

    /// <summary>The client is gone.</summary>
    public void Release() => _dialogue.Release();

    public AnswerEnding Ending => _replies.Ending;

    /// <summary>What it says before anybody else does.</summary>
    public string Greet()
    {
        _dialogue.Greet();
        return Say("");
    }

    /// <summary>All at once; the replies.</summary>
    public string Say(string octets) => Say(Encoding.UTF8.GetBytes(octets));

    /// <summary>All at once; the replies.</summary>
    public string Say(ReadOnlySpan<byte> octets)
    {
        var heard = new StringBuilder();
        while (true)
        {
            octets = octets[_dialogue.Take(octets)..];
            heard.Append(Encoding.ASCII.GetString(_replies.Due));
            _replies.Sent();
            if (_replies.Ending != AnswerEnding.None || (octets.IsEmpty && _replies.Wait is null))
            {
                return heard.ToString();
            }

            _replies.Elapse();
        }
    }

    /// <summary>Code and, if it has one, enhanced code of each reply line, multi-line replies once: <c>250 2.1.0</c>.</summary>
    public string[] Codes(string octets) => CodesOf(Say(octets));

    /// <summary>As <see cref="Codes(string)"/>, of replies.</summary>
    public static string[] CodesOf(string replies) =>
    [
        .. replies.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.Length < 4 || line[3] == ' ')
            .Select(line => line.Split(' ') is [var code, var enhanced, ..] && enhanced.Count(c => c == '.') == 2
                && char.IsAsciiDigit(enhanced[0])
                ? $"{code} {enhanced}"
                : line[..3]),
    ];
}
