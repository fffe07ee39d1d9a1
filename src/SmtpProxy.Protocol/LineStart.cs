namespace SmtpProxy.Protocol;

/// <summary>What was outstanding at the first octet of a client's line, and what is to be reported of that line.</summary>
/// <param name="At">Position of that octet.</param>
/// <param name="Pipelined">A reply was outstanding, the greeting included (PROTOCOL 4.4).</param>
/// <param name="BehindCommand">A reply to a command was.</param>
/// <param name="BehindGroupEnd">One to a command that must end its group was (RFC 2920 3.1).</param>
/// <param name="MayBeSecret">It may be meant as a SASL response.</param>
internal readonly record struct LineStart(long At, bool Pipelined, bool BehindCommand, bool BehindGroupEnd, bool MayBeSecret)
{
    /// <summary>Reports what is wrong with a command line.</summary>
    public void Report(Conversation talk, in Line line, in CommandLine command)
    {
        ReportTerminator(talk, line);
        ReportIf(line.EightBit && !talk.UsesUtf8 && !CommandLine.HasParameter(command.Arguments, "SMTPUTF8"u8), talk, Anomaly.EightBitCommand);
        ReportIf(line.Length > Verbs.LongestLine(command.Verb), talk, Anomaly.CommandLineTooLong);
        ReportIf(command.IsHttpRequest, talk, Anomaly.HttpRequest);
        ReportIf(talk.QuitSent, talk, Anomaly.CommandAfterQuit);
        ReportIf(BehindCommand && !talk.OffersPipelining, talk, Anomaly.PipeliningUnadvertised);
        ReportIf(BehindGroupEnd, talk, Anomaly.PipeliningSyncViolation);
    }

    /// <summary>Reports what is wrong with the octets of any line.</summary>
    public void ReportTerminator(Conversation talk, in Line line)
    {
        ReportIf(line.BareLf, talk, Anomaly.BareLfCommand);
        ReportIf(line.BareCr, talk, Anomaly.BareCrCommand);
        ReportIf(line.Nul, talk, Anomaly.NulCommand);
    }

    private void ReportIf(bool wrong, Conversation talk, Anomaly anomaly)
    {
        if (wrong)
        {
            talk.Report(anomaly, Party.Client, At);
        }
    }
}
