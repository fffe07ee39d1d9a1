using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Hello;
using SmtpProxy.Protocol.Lines;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol;

/// <summary>Assembles replies from the lines that the relay sends (RFC 5321 4.2, 4.2.1; PROTOCOL 3).</summary>
internal sealed class RelaySide(DialogueState talk, ReplyMatcher matcher)
{
    private const int LongestLine = 512;
    private LineFramer _lines;
    private long _at;
    private long _lineAt;
    private int _count;
    private ushort _code;
    private bool _mixed;

    /// <summary>Position of the next octet in the relay's stream.</summary>
    public long At => _at;

    /// <summary>Some octets or lines of a reply have come, the rest has not.</summary>
    public bool InsideReply => _lines.Pending > 0 || _count > 0;

    /// <summary>A new dialogue.</summary>
    public void Restart()
    {
        _lines.Reset();
        _at = 0;
        ForgetReply();
    }

    /// <summary>Replies again, in the same stream: from its beginning in what was encrypted, or, where it never was, maybe
    /// in the middle of a line.</summary>
    public void Secured(bool wasRead)
    {
        if (wasRead)
        {
            return;
        }

        _lines.Reset();
        ForgetReply();
    }

    /// <summary>Reads octets; see <see cref="Dialogue.FromRelay"/>.</summary>
    public int Read(ReadOnlySpan<byte> octets, StopAt stop)
    {
        var consumed = 0;
        while (consumed < octets.Length && talk.ReadsRelay)
        {
            var rest = octets[consumed..];
            if (talk.IsDoubtful && _lines.Pending == 0 && ClientHelloRecord.IsRecordType(rest[0]))
            {
                talk.BecomeOpaque(OpaqueReason.Tls, Leg.Client, talk.OpaqueAt);
                break;
            }

            if (_at == 0 && !ReplyLine.IsDigit(rest[0]))
            {
                talk.Report(Anomaly.NotSmtp, Leg.Relay, 0);
                talk.BecomeOpaque(OpaqueReason.NotSmtp, Leg.Relay, 0);
                break;
            }

            _lineAt = _lines.Pending == 0 ? _at : _lineAt;
            var complete = _lines.TryRead(rest, talk.Limits.LinePrefix, out var taken, out var line);
            _at += taken;
            consumed += taken;
            if (complete)
            {
                var replied = Take(line);
                _lines.Release();
                if (replied && stop == StopAt.Element)
                {
                    break;
                }
            }
        }

        if (!talk.ReadsRelay)
        {
            _lines.Reset();
            ForgetReply();
            _at += octets.Length - consumed;
            consumed = octets.Length;
        }

        return consumed;
    }

    /// <summary>Octets that nobody looked at.</summary>
    public void Skip(long octets) => _at += octets;

    private void ForgetReply()
    {
        // The code is looked at only after a first line.
        _count = 0;
        _mixed = false;
    }

    /// <summary>Takes a line; true when it completes a reply.</summary>
    private bool Take(in Line line)
    {
        ReportLine(line);
        if (!ReplyLine.TryParse(line.Text, out var reply))
        {
            talk.Report(Anomaly.MalformedReply, Leg.Relay, _lineAt);
            return false;
        }

        if (reply.IsInformation)
        {
            talk.Report(Anomaly.ReplyCodeOutOfRange, Leg.Relay, _lineAt);
            return false;
        }

        _mixed |= _count > 0 && reply.Code != _code;
        _code = reply.Code;
        _count++;
        if (_count > 1)
        {
            matcher.CapabilityLine(reply.Text);
        }

        if (reply.Continues)
        {
            if (reply.Code is >= 400 and < 600)
            {
                matcher.RefusalLine(reply.Text);
            }

            return false;
        }

        if (_mixed)
        {
            talk.Report(Anomaly.MixedReplyCodes, Leg.Relay, _lineAt);
        }

        if (reply.Code is < 200 or > 599)
        {
            talk.Report(Anomaly.ReplyCodeOutOfRange, Leg.Relay, _lineAt);
        }

        var whole = new Reply { Code = reply.Code, Lines = _count, Text = reply.Text, Enhanced = EnhancedCode.Read(reply.Text) };
        ForgetReply();
        matcher.Replied(whole, _lineAt, _at);
        return true;
    }

    private void ReportLine(in Line line)
    {
        if (line.BareLf)
        {
            talk.Report(Anomaly.BareLfReply, Leg.Relay, _lineAt);
        }

        if (line.BareCr)
        {
            talk.Report(Anomaly.BareCrReply, Leg.Relay, _lineAt);
        }

        if (line.Nul)
        {
            talk.Report(Anomaly.NulReply, Leg.Relay, _lineAt);
        }

        if (line.Length > LongestLine)
        {
            talk.Report(Anomaly.ReplyLineTooLong, Leg.Relay, _lineAt);
        }
    }
}
