using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Lines;

namespace SmtpProxy.Protocol;

/// <summary>What was outstanding at the first octet of a client's line, and what is to be reported of that line.</summary>
/// <param name="At">Position of that octet.</param>
/// <param name="Pipelined">A reply was outstanding, the greeting included (PROTOCOL 4.4).</param>
/// <param name="BehindCommand">A reply to a command was.</param>
/// <param name="BehindGroupEnd">One to a command that must end its group was (RFC 2920 3.1).</param>
/// <param name="MayBeSecret">It may be meant as a SASL response, or be a line of a message.</param>
/// <param name="IsEarly">Nothing has been said by anybody: the relay has not greeted.</param>
internal readonly record struct LineStart(long At, bool Pipelined, bool BehindCommand, bool BehindGroupEnd, bool MayBeSecret, bool IsEarly)
{
    /// <summary>What is outstanding now.</summary>
    /// <param name="talk">The dialogue.</param>
    /// <param name="at">Position of the line's first octet.</param>
    /// <param name="holder">The command whose reply the line waited for before it could be read; null = none.</param>
    /// <param name="isResponse">It is a SASL response.</param>
    public static LineStart Of(DialogueState talk, long at, Verb? holder, bool isResponse)
    {
        var queued = talk.Queue.Count;
        var greeted = talk.GreetingCode != 0;
        return new LineStart(
            at,
            Pipelined: holder is not null || queued > 0,
            BehindCommand: holder is not null || queued > (greeted ? 0 : 1),
            BehindGroupEnd: (holder is { } verb && Verbs.EndsGroup(verb)) || talk.Queue.GroupEnds > 0,
            // What was meant as SASL responses, or as a message, must not be read as anything else.
            MayBeSecret: talk.BehindAuth || talk.StrayMessage.IsLikely || isResponse || holder == Verb.Auth,
            IsEarly: at == 0 && !greeted && queued > 0);
    }

    /// <summary>Reports a line that the client did not wait to be greeted for.</summary>
    public void ReportEarly(DialogueState talk) => ReportIf(IsEarly, talk, Anomaly.EarlyTalker);

    /// <summary>Reports what is wrong with a command line.</summary>
    public void Report(DialogueState talk, in Line line, in CommandLine command)
    {
        ReportTerminator(talk, line);
        ReportIf(line.EightBit && !talk.AllowsUtf8() && !CommandLine.HasParameter(command.Arguments, "SMTPUTF8"u8), talk,
            Anomaly.EightBitCommand);
        ReportIf(line.Length > Verbs.LongestLine(command.Verb), talk, Anomaly.CommandLineTooLong);
        ReportIf(command.IsHttpRequest, talk, Anomaly.HttpRequest);
        ReportIf(talk.QuitSent, talk, Anomaly.CommandAfterQuit);
        ReportIf(BehindCommand && !talk.OffersPipelining && !talk.SpeaksHttp, talk, Anomaly.PipeliningUnadvertised);
        ReportIf(BehindGroupEnd && !talk.SpeaksHttp, talk, Anomaly.PipeliningSyncViolation);
        talk.SpeaksHttp |= command.IsHttpRequest;
    }

    /// <summary>Reports what is wrong with a SASL response.</summary>
    public void ReportResponse(DialogueState talk, in Line line)
    {
        ReportTerminator(talk, line);
        ReportIf(line.Length > Verbs.LongestLine(Verb.Auth), talk, Anomaly.CommandLineTooLong);
    }

    /// <summary>Reports what is wrong with the octets of any line.</summary>
    private void ReportTerminator(DialogueState talk, in Line line)
    {
        ReportIf(line.BareLf, talk, Anomaly.BareLfCommand);
        ReportIf(line.BareCr, talk, Anomaly.BareCrCommand);
        ReportIf(line.Nul, talk, Anomaly.NulCommand);
    }

    private void ReportIf(bool wrong, DialogueState talk, Anomaly anomaly)
    {
        if (wrong)
        {
            talk.Report(anomaly, Leg.Client, At);
        }
    }
}
