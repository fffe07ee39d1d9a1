using System.Text;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Sink;

/// <summary>MAIL, RCPT, DATA and BDAT: which are in order (RFC 5321 4.1.4), what they are answered, and what came of the message.</summary>
internal sealed class MailTransaction(SinkOptions options, SinkMailbox mailbox, bool isLmtp, ReplyQueue replies)
{
    private readonly AnswerPlan _always = options.Plan;
    private Envelope? _envelope;
    private AnswerPlan _plan;
    private ChunkState _chunks;
    private long _taken;

    private enum ChunkState : byte
    {
        None,
        Some,
        Refused,
    }

    /// <summary>MAIL was accepted, and nothing has ended it.</summary>
    public bool IsOpen => _envelope is not null;

    /// <summary>MAIL.</summary>
    public void Mail(ReadOnlySpan<byte> arguments)
    {
        var parameters = default(SinkParameters);
        if (_envelope is not null)
        {
            replies.Add(Replies.NestedMail);
        }
        else if (!PathSyntax.TryParse(arguments, "FROM:"u8, out var path))
        {
            replies.Add(Replies.MailSyntax);
        }
        else if (!path.Address.IsEmpty && !PathSyntax.IsAddress(path.Address))
        {
            replies.Add(Replies.BadSender);
        }
        else if (parameters.Read(path.Parameters, Verb.Mail) is { IsEmpty: false } wrong)
        {
            replies.Add(wrong);
        }
        else if (!parameters.IsSmtpUtf8 && !Ascii.IsValid(path.Address))
        {
            replies.Add(Replies.NeedsSmtpUtf8);
        }
        else if (IsTooLarge(parameters.Size))
        {
            replies.Add(Replies.TooLarge);
        }
        else if (!TryTake(path.Address))
        {
            replies.Add(Replies.OutOfMemory);
        }
        else
        {
            Open(path.Address, parameters.IsSmtpUtf8);
        }
    }

    /// <summary>RCPT.</summary>
    public void Rcpt(ReadOnlySpan<byte> arguments)
    {
        var parameters = default(SinkParameters);
        if (_envelope is null)
        {
            replies.Add(Replies.MailFirst);
        }
        else if (_chunks != ChunkState.None)
        {
            replies.Add(Replies.InsideChunks);
        }
        else if (!PathSyntax.TryParse(arguments, "TO:"u8, out var path))
        {
            replies.Add(Replies.RcptSyntax);
        }
        else if (!PathSyntax.IsAddress(path.Address) && !Ascii.EqualsIgnoreCase(path.Address, "postmaster"u8))
        {
            replies.Add(Replies.BadRecipient);
        }
        else if (parameters.Read(path.Parameters, Verb.Rcpt) is { IsEmpty: false } wrong)
        {
            replies.Add(wrong);
        }
        else if (!_envelope.IsSmtpUtf8 && !Ascii.IsValid(path.Address))
        {
            replies.Add(Replies.NeedsSmtpUtf8);
        }
        else if (_envelope.Recipients.Count >= options.MaxRecipients)
        {
            replies.Add(Replies.TooManyRecipients);
        }
        else if (options.Greylist > TimeSpan.Zero
            && !mailbox.Greylist.Admits(_envelope.From, Encoding.UTF8.GetString(path.Address), options.Greylist))
        {
            replies.Add(Replies.Greylisted);
        }
        else if (!TryTake(path.Address))
        {
            replies.Add(Replies.OutOfMemory);
        }
        else
        {
            Add(_envelope, path.Address);
        }
    }

    /// <summary>DATA.</summary>
    /// <returns>Whether message data follows.</returns>
    public bool Data(ReadOnlySpan<byte> arguments)
    {
        if (!arguments.IsEmpty)
        {
            replies.Add(Replies.NoArguments);
        }
        else if (_envelope is null)
        {
            replies.Add(Replies.MailFirst);
        }
        else if (_chunks != ChunkState.None)
        {
            replies.Add(Replies.InsideChunks);
        }
        else if (_envelope.Recipients.Count == 0)
        {
            replies.Add(Replies.RcptFirst);
        }
        else
        {
            return Give(_plan[Stage.Data], Replies.GoAhead);
        }

        return false;
    }

    /// <summary>The end of data is complete.</summary>
    public void DataEnded(long octets)
    {
        _envelope!.Octets = octets;
        Finish(Via.Data, default);
    }

    /// <summary>The octets of a chunk have passed; they do whatever its reply is (RFC 3030 2).</summary>
    public void ChunkEnded(long size, bool isLast)
    {
        if (_envelope is null)
        {
            replies.Add(Replies.MailFirst);
            return;
        }

        if (_envelope.Recipients.Count == 0)
        {
            replies.Add(Replies.RcptFirst);
            return;
        }

        var answer = _chunks == ChunkState.None ? _plan[Stage.Data] : default;
        _envelope.Octets += Math.Min(size, long.MaxValue - _envelope.Octets);
        if (_chunks == ChunkState.Refused)
        {
            RefuseChunk(default, Replies.ChunksFailed, isLast);
        }
        else if (IsTooLarge(_envelope.Octets) || !answer.IsAcceptance)
        {
            RefuseChunk(answer, Replies.TooLarge, isLast);
        }
        else if (isLast)
        {
            Finish(Via.Bdat, answer);
        }
        else
        {
            _chunks = ChunkState.Some;
            Give(answer, Replies.ChunkOk);
        }
    }

    /// <summary>QUIT: what addresses ask of it, whatever became of their transactions.</summary>
    public void Quit()
    {
        var answer = _plan[Stage.Quit].And(_always[Stage.Quit]);
        Give(answer with { Ending = answer.Ending == AnswerEnding.None ? AnswerEnding.Close : answer.Ending }, Replies.Bye);
    }

    /// <summary>RSET, a new EHLO, or the end of the transaction or of the session.</summary>
    public void Reset()
    {
        mailbox.Open.Give(_taken);
        _taken = 0;
        _envelope = null;
        _chunks = ChunkState.None;
        _plan.EndTransaction();
    }

    /// <summary>Room for an address until the transaction ends.</summary>
    private bool TryTake(ReadOnlySpan<byte> address)
    {
        var octets = EnvelopeMemory.Of(address.Length);
        if (!mailbox.Open.TryTake(octets))
        {
            return false;
        }

        _taken += octets;
        return true;
    }

    /// <summary>An address that was refused after all.</summary>
    private void GiveBack(ReadOnlySpan<byte> address)
    {
        var octets = EnvelopeMemory.Of(address.Length);
        mailbox.Open.Give(octets);
        _taken -= octets;
    }

    private void Open(ReadOnlySpan<byte> address, bool isSmtpUtf8)
    {
        var own = AnswerGrammar.Parse(PathSyntax.LocalPart(address), Stage.Mail);
        if (Give(own[Stage.Mail].And(_always[Stage.Mail]), Replies.SenderOk))
        {
            _envelope = new Envelope(Encoding.UTF8.GetString(address), isSmtpUtf8);
            _plan.AddBehind(Stage.Mail, own);
            _plan.AddOfSink(_always);
        }
        else
        {
            GiveBack(address);
        }
    }

    private void Add(Envelope envelope, ReadOnlySpan<byte> address)
    {
        var own = AnswerGrammar.Parse(PathSyntax.LocalPart(address), Stage.Rcpt);
        if (Give(_plan[Stage.Rcpt].And(own[Stage.Rcpt]), Replies.RecipientOk))
        {
            // With LMTP each recipient has a reply of its own to the end of data.
            var atDot = isLmtp ? own.Take(Stage.Dot) : default;
            _plan.AddBehind(Stage.Rcpt, own);
            envelope.Add(new Recipient(Encoding.UTF8.GetString(address), atDot));
        }
        else
        {
            GiveBack(address);
        }
    }

    private void RefuseChunk(Answer answer, ReadOnlySpan<byte> reply, bool isLast)
    {
        _chunks = ChunkState.Refused;
        // RFC 2033 4.2 holds for the last chunk as it does for the final dot.
        var count = isLmtp && isLast ? _envelope!.Recipients.Count : 1;
        for (var n = 0; n < count; n++)
        {
            Give(answer, reply);
        }

        if (isLast)
        {
            Reset();
        }
    }

    /// <summary>The message is whole: one reply, or with LMTP one for each recipient (RFC 2033 4.2).</summary>
    private void Finish(Via via, Answer first)
    {
        var envelope = _envelope!;
        var id = mailbox.NextId();
        var isTooLarge = IsTooLarge(envelope.Octets);
        var reply = isTooLarge ? Replies.TooLarge : Encoding.ASCII.GetBytes(Replies.Accepted(id));
        var accepted = new List<string>(envelope.Recipients.Count);
        var answer = first.And(_plan[Stage.Dot]);
        var isAccepted = answer.IsAcceptance && !isTooLarge;
        foreach (var recipient in envelope.Recipients)
        {
            if (isLmtp ? isAccepted && recipient.AtDot.IsAcceptance : isAccepted)
            {
                accepted.Add(recipient.Path);
            }
        }

        if (accepted.Count > 0)
        {
            // Before the reply: whoever has it may look.
            mailbox.Add(id, envelope, accepted, via, isLmtp);
        }

        for (var n = 0; n < (isLmtp ? envelope.Recipients.Count : 1); n++)
        {
            Give(isLmtp ? answer.And(envelope.Recipients[n].AtDot) : answer, reply);
            answer = _plan[Stage.Dot];
        }

        Reset();
    }

    /// <summary>Answers as was asked, or else with the ordinary reply; true for the ordinary one.</summary>
    private bool Give(in Answer answer, ReadOnlySpan<byte> ordinary)
    {
        var reply = answer.Ending is AnswerEnding.Drop or AnswerEnding.Reset
            ? default : answer.Code != 0 ? AnswerReply.Of(answer) : ordinary;
        replies.Add(reply, answer.Delay, answer.Ending);
        return answer.IsAcceptance;
    }

    private bool IsTooLarge(long octets) => options.MaxSize > 0 && octets > options.MaxSize;
}
