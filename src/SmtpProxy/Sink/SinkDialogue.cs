using System.Globalization;
using System.Text;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Lines;
using SmtpProxy.Protocol.Messages;

namespace SmtpProxy.Sink;

/// <summary>The server's side of an SMTP or LMTP dialogue (RFC 5321 4.1, RFC 2033): takes the client's octets, cut anywhere, and adds
/// replies. Knows no sockets and no clock. A command line may end in LF alone, as with every server in the field; message data ends with
/// CRLF.CRLF and with nothing else.</summary>
internal sealed class SinkDialogue(SinkOptions options, SinkMailbox mailbox, bool isLmtp, ReplyQueue replies)
{
    /// <summary>Octets of a line with its end: what AUTH needs (RFC 4954 4.), more than any other command may have.</summary>
    private const int LongestLine = 12_288;

    private readonly MailTransaction _mail = new(options, mailbox, isLmtp, replies);
    private readonly SaslExchange _sasl = new(options, replies);
    private readonly AnswerPlan _always = options.Plan;
    private LineFramer _lines;
    private DataScanner _data;
    private Phase _phase;
    private bool _hasGreeted;
    private bool _hasCapabilities;
    private long _chunkSize;
    private long _chunkLeft;
    private bool _chunkIsLast;

    private enum Phase : byte
    {
        Command,
        Sasl,
        Data,
        Chunk,
    }

    /// <summary>The greeting (RFC 5321 4.3.1).</summary>
    public void Greet() => Say(_always[Stage.Greeting],
        $"220 {options.HostName} {(isLmtp ? "LMTP" : "ESMTP")} SmtpProxy sink, accepts and discards mail\r\n");

    /// <summary>Takes octets of the client until they are used up or the replies must go first.</summary>
    /// <returns>How many were taken.</returns>
    public int Take(ReadOnlySpan<byte> octets)
    {
        var taken = 0;
        while (taken < octets.Length && !replies.IsBusy)
        {
            var rest = octets[taken..];
            taken += _phase switch
            {
                Phase.Data => TakeData(rest),
                Phase.Chunk => TakeChunk(rest),
                _ => TakeLine(rest),
            };
        }

        return taken;
    }

    /// <summary>The session is over: gives back what a line that was not completed holds, and its envelope.</summary>
    public void Release()
    {
        _lines.Reset();
        _mail.Reset();
    }

    private int TakeData(ReadOnlySpan<byte> octets)
    {
        var taken = _data.Scan(octets, out var ended);
        if (ended)
        {
            _phase = Phase.Command;
            _mail.DataEnded(_data.MessageOctets);
        }

        return taken;
    }

    private int TakeChunk(ReadOnlySpan<byte> octets)
    {
        var taken = (int)Math.Min(octets.Length, _chunkLeft);
        _chunkLeft -= taken;
        if (_chunkLeft == 0)
        {
            _phase = Phase.Command;
            _mail.ChunkEnded(_chunkSize, _chunkIsLast);
        }

        return taken;
    }

    private int TakeLine(ReadOnlySpan<byte> octets)
    {
        if (!_lines.TryRead(octets, LongestLine, out var taken, out var line))
        {
            return taken;
        }

        if (line.Length > LongestLine)
        {
            _phase = Phase.Command;
            replies.Add(Replies.LineTooLong);
        }
        else if (_phase == Phase.Sasl)
        {
            _phase = _sasl.Respond(line.Text) ? Phase.Sasl : Phase.Command;
        }
        else if (line.BareCr || line.Nul)
        {
            replies.Add(Replies.ControlOctet);
        }
        else
        {
            Obey(CommandLine.Parse(line.Text));
        }

        _lines.Release();
        return taken;
    }

    private void Obey(CommandLine command)
    {
        switch (command.Verb)
        {
            case Verb.Ehlo or Verb.Helo or Verb.Lhlo:
                Hello(command);
                break;
            case Verb.Mail when !_hasGreeted:
                replies.Add(Replies.HelloFirst);
                break;
            case Verb.Mail:
                _mail.Mail(command.Arguments);
                break;
            case Verb.Rcpt:
                _mail.Rcpt(command.Arguments);
                break;
            case Verb.Data:
                if (_mail.Data(command.Arguments))
                {
                    _phase = Phase.Data;
                    _data = DataScanner.Start();
                }

                break;
            case Verb.Bdat:
                Bdat(command.Arguments);
                break;
            case Verb.Auth:
                Auth(command.Arguments);
                break;
            case Verb.Rset when IsAlone(command):
                _mail.Reset();
                replies.Add(Replies.Ok);
                break;
            case Verb.Quit when IsAlone(command):
                _mail.Quit();
                break;
            case Verb.Rset or Verb.Quit:
                break;
            case Verb.Noop:
                replies.Add(Replies.Ok);
                break;
            case Verb.Help:
                replies.Add(isLmtp ? Replies.LmtpHelp : Replies.Help);
                break;
            case Verb.Vrfy or Verb.Expn:
                replies.Add(command.Arguments.IsEmpty ? Replies.ArgumentMissing : Replies.CannotVerify);
                break;
            case Verb.StartTls or Verb.Etrn or Verb.Atrn or Verb.Turn or Verb.Burl or Verb.XClient or Verb.XForward:
                replies.Add(Replies.NotImplemented);
                break;
            default:
                replies.Add(Replies.Unrecognized);
                break;
        }
    }

    private bool IsAlone(CommandLine command)
    {
        if (!command.Arguments.IsEmpty)
        {
            replies.Add(Replies.NoArguments);
        }

        return command.Arguments.IsEmpty;
    }

    private void Hello(CommandLine command)
    {
        if (isLmtp != (command.Verb == Verb.Lhlo))
        {
            replies.Add(isLmtp ? Replies.WrongHelloForLmtp : Replies.WrongHelloForSmtp);
            return;
        }

        if (command.Arguments.IsEmpty)
        {
            replies.Add(Replies.HelloSyntax);
            return;
        }

        // RFC 5321 4.1.4: as RSET, when it is accepted.
        var answer = _always[Stage.Ehlo];
        if (!answer.IsAcceptance)
        {
            Say(answer, "");
            return;
        }

        _mail.Reset();
        _hasGreeted = true;
        _hasCapabilities = command.Verb != Verb.Helo;
        Say(answer, _hasCapabilities
            ? string.Create(CultureInfo.InvariantCulture,
                $"250-{options.HostName}\r\n250-PIPELINING\r\n250-SIZE {options.MaxSize}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n" +
                    $"250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-DSN\r\n250-AUTH PLAIN LOGIN\r\n250 HELP\r\n")
            : $"250 {options.HostName}\r\n");
    }

    private void Bdat(ReadOnlySpan<byte> arguments)
    {
        if (!ChunkSize.TryParse(arguments, out _chunkSize, out _chunkIsLast))
        {
            replies.Add(Replies.BdatSyntax);
            return;
        }

        _chunkLeft = _chunkSize;
        if (_chunkLeft == 0)
        {
            _mail.ChunkEnded(0, _chunkIsLast);
        }
        else
        {
            _phase = Phase.Chunk;
        }
    }

    private void Auth(ReadOnlySpan<byte> arguments)
    {
        if (!_hasCapabilities)
        {
            replies.Add(Replies.HelloFirst);
        }
        else if (_sasl.IsDone)
        {
            replies.Add(Replies.AuthTwice);
        }
        else if (_mail.IsOpen)
        {
            replies.Add(Replies.AuthInside);
        }
        else
        {
            _phase = _sasl.Begin(arguments) ? Phase.Sasl : Phase.Command;
        }
    }

    private void Say(in Answer answer, string ordinary) => replies.Add(
        answer.Ending is AnswerEnding.Drop or AnswerEnding.Reset
            ? default : answer.Code != 0 ? AnswerReply.Of(answer) : Encoding.ASCII.GetBytes(ordinary),
        answer.Delay, answer.Ending);
}
