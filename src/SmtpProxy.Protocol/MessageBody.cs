using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Messages;

namespace SmtpProxy.Protocol;

/// <summary>The body behind a go-ahead, up to its end (RFC 5321 4.1.1.4; PROTOCOL 5.3 to 5.8).</summary>
internal struct MessageBody
{
    private DataScanner _scanner;
    private EndFinder _end;
    private bool _onlyFraming;
    private DataFindings _reported;
    private long _begins;

    /// <summary>The final reply came before the end of data: no second one is expected (PROTOCOL 5.7).</summary>
    public bool IsAnswered { get; set; }

    /// <summary>A body whose first octet has this position.</summary>
    /// <param name="begins">That position.</param>
    /// <param name="onlyFraming">Only its end is looked for.</param>
    public static MessageBody Start(long begins, bool onlyFraming) => new()
    {
        _scanner = DataScanner.Start(), _end = EndFinder.Start(), _begins = begins, _onlyFraming = onlyFraming,
    };

    /// <summary>Reads octets.</summary>
    /// <param name="talk">Where it is told.</param>
    /// <param name="octets">What was read.</param>
    /// <param name="pipelined">They came before the go-ahead.</param>
    /// <param name="ended">Whether the end of data is complete.</param>
    /// <returns>How many octets belong to the body and its end.</returns>
    public int Read(DialogueState talk, ReadOnlySpan<byte> octets, bool pipelined, out bool ended)
    {
        var taken = _onlyFraming ? _end.Scan(octets, out ended) : _scanner.Scan(octets, out ended);
        if (talk.Observer.ReadsMessage)
        {
            talk.Observer.Message(octets[..taken]);
        }

        if (_scanner.Findings != _reported)
        {
            Report(talk);
        }

        if (ended)
        {
            End(talk, pipelined);
        }

        return taken;
    }

    private readonly void End(DialogueState talk, bool pipelined)
    {
        var (wire, message) = (_scanner.WireOctets, _scanner.MessageOctets);
        if (talk.Transactions.IsOpen)
        {
            talk.Transactions.BodyEnds(wire, message);
        }

        if (IsAnswered)
        {
            talk.CloseTransaction(TransactionEnd.FinalReply);
            return;
        }

        ref var exchange = ref talk.Queue.Oldest;
        exchange.Pipelined = pipelined;
        exchange.IsComplete = true;
        exchange.Size = wire;
        talk.Observer.BodyEnded(ref exchange, wire, message);
    }

    /// <summary>Once per message each, with the position where the message begins, which does not depend on how it was cut.</summary>
    private void Report(DialogueState talk)
    {
        var news = _scanner.Findings & ~_reported;
        _reported = _scanner.Findings;
        ReportIf(news, DataFindings.BareLf, talk, Anomaly.BareLfData);
        ReportIf(news, DataFindings.BareCr, talk, Anomaly.BareCrData);
        ReportIf(news, DataFindings.Nul, talk, Anomaly.NulData);
        ReportIf(news, DataFindings.LongLine, talk, Anomaly.TextLineTooLong);
        ReportIf(news, DataFindings.LaxEnd, talk, Anomaly.NonstandardEod);
    }

    private readonly void ReportIf(DataFindings news, DataFindings finding, DialogueState talk, Anomaly anomaly)
    {
        if ((news & finding) != 0)
        {
            talk.Report(anomaly, Leg.Client, _begins);
        }
    }
}
