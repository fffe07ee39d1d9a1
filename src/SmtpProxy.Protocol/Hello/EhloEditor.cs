using System.Buffers;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Hello;

/// <summary>
/// Changes what a reply to EHLO offers, and nothing else of it, however it is cut and whatever PROTOCOL section 3 lets it look like. It
/// works octet by octet and holds back the beginning of a keyword that may be one of those to be hidden, and the line before it as long as
/// it may become the last (at most until no more has come, where nothing may be late); so no length of a reply lets a keyword through.
/// Where what would become the last line has gone on already, an empty one ends the reply.
/// </summary>
/// <param name="hidden">Told the text of each line that is taken out; null: nobody is.</param>
public sealed class EhloEditor(Action<ReadOnlySpan<byte>>? hidden = null)
{
    /// <summary>The beginning of a line that is still undecided after so many octets is none that is looked for.</summary>
    private const int LongestBeginning = 2048;

    private const int CodeLength = 3;
    private readonly ArrayBufferWriter<byte> _beginning = new();
    private readonly ArrayBufferWriter<byte> _kept = new();
    private readonly ArrayBufferWriter<byte> _edited = new();
    private EhloRules _rules = new([], [], false);
    private LineUse _line;
    private ushort _code;
    private bool _hasFirst;
    private bool _isLast;
    private bool _adds;
    private bool _offersAdded;
    private int _sent;
    private bool _sentMore;
    private bool _isOpen;
    private bool _isBare;
    private bool _needsLast;

    /// <summary>What becomes of a line.</summary>
    private enum LineUse
    {
        Undecided,
        Passes,
        Hidden,
    }

    /// <summary>A line of the reply was 2yz: EHLO is granted.</summary>
    public bool IsGood { get; private set; }

    /// <summary>What the client gets to see, and is not the relay's; empty: nothing.</summary>
    public ReadOnlySpan<byte> Added => _adds ? _rules.Adds : default;

    /// <summary>A reply is being edited.</summary>
    public bool IsEditing { get; private set; }

    /// <summary>What the client gets of what was taken so far; to be forgotten after each <see cref="Take"/>.</summary>
    public ReadOnlySpan<byte> Edited => _edited.WrittenSpan;

    /// <summary>Edits a whole reply.</summary>
    public static byte[] Edit(ReadOnlySpan<byte> reply, EhloRules rules)
    {
        var editor = new EhloEditor();
        editor.Begin(rules);
        var taken = editor.Take(reply);
        if (editor.IsEditing)
        {
            editor.Abandon();
        }

        return [.. editor.Edited, .. reply[taken..]];
    }

    /// <summary>A reply begins.</summary>
    public void Begin(EhloRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        (_rules, _line, _hasFirst, _isLast, _adds, _offersAdded, IsEditing) = (rules, LineUse.Undecided, false, false, false, false, true);
        IsGood = false;
        (_sent, _sentMore, _isOpen, _isBare, _needsLast) = (0, false, false, false, false);
        _beginning.ResetWrittenCount();
        _kept.ResetWrittenCount();
    }

    /// <summary>Takes octets up to the end of the reply.</summary>
    /// <returns>How many.</returns>
    public int Take(ReadOnlySpan<byte> octets)
    {
        var taken = 0;
        while (IsEditing && taken < octets.Length)
        {
            var end = octets[taken..].IndexOf((byte)'\n');
            var piece = end < 0 ? octets[taken..] : octets.Slice(taken, end + 1);
            taken += piece.Length;
            if (_line == LineUse.Undecided)
            {
                _beginning.Write(piece);
                Decide(isComplete: end >= 0);
            }
            else if (_line == LineUse.Passes)
            {
                (_kept.WrittenCount > 0 ? _kept : _edited).Write(piece);
            }

            if (end >= 0)
            {
                EndLine();
            }
        }

        if (!_rules.HoldsLine || _kept.WrittenCount > LongestBeginning)
        {
            Release(isLast: false);
        }

        if (IsEditing && _line == LineUse.Undecided && !_rules.HoldsLine)
        {
            SendCode();
        }

        return taken;
    }

    /// <summary>The client has what was edited so far.</summary>
    public void Forget() => _edited.ResetWrittenCount();

    /// <summary>The relay is gone in the middle: what there is goes on as it is.</summary>
    public void Abandon()
    {
        IsEditing = false;
        Decide(isComplete: true);
        Release(isLast: false);
    }

    private void Decide(bool isComplete)
    {
        var line = _beginning.WrittenSpan;
        var digits = line.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var isCode = digits == CodeLength && line[CodeLength] is (byte)' ' or (byte)'-' or (byte)'\r' or (byte)'\n';
        if (ReplyCollector.BeginsInformation(line) || (digits >= 0 && !isCode))
        {
            // It is no line of a reply (PROTOCOL 3.5, 10.9), and stays where it stood.
            Pass(isLast: false);
        }
        else if (!isComplete && line.Length <= LongestBeginning && (!isCode || line[CodeLength] is (byte)'\r'))
        {
            // Not even the code and what follows it.
        }
        else if (!ReplyLine.TryParse(line.TrimEnd((byte)'\n').TrimEnd((byte)'\r'), out var reply))
        {
            Pass(isLast: false);
        }
        else if (isComplete || !_hasFirst || line.Length > LongestBeginning || !_rules.MayChange(reply.Text))
        {
            Decide(reply);
        }
    }

    private void Decide(in ReplyLine reply)
    {
        var isFirst = !_hasFirst;
        (_hasFirst, _code) = (true, reply.Code);
        IsGood |= reply.Code / 100 == 2;
        _offersAdded |= !isFirst && _rules.IsAdded(reply.Text);
        // The code of a reply is that of its last line (PROTOCOL 3.3).
        _adds = !reply.Continues && reply.Code / 100 == 2 && _rules.Adds.Length > 0 && (!_rules.AddsOnlyIfOffered || _offersAdded);
        if (isFirst || !IsGood || !_rules.Hide(reply.Text))
        {
            if (!isFirst && IsGood && _rules.Rewrites?.Invoke(reply.Text) is { } text)
            {
                Replace(reply.Text.Length, text);
            }

            Pass(!reply.Continues);
            return;
        }

        hidden?.Invoke(reply.Text);
        (_line, _isLast) = (LineUse.Hidden, !reply.Continues);
        _beginning.ResetWrittenCount();
    }

    private void Replace(int length, ReadOnlySpan<byte> text)
    {
        var line = _beginning.WrittenSpan.ToArray();
        _beginning.ResetWrittenCount();
        _beginning.Write(line.AsSpan(0, CodeLength + 1));
        _beginning.Write(text);
        _beginning.Write(line.AsSpan(CodeLength + 1 + length));
    }

    /// <summary>Nothing more has come: code and separator go ahead of what decides, as far as they are certain.</summary>
    private void SendCode()
    {
        var line = _beginning.WrittenSpan;
        var digits = Math.Min(CodeLength, line.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is var other and >= 0 ? other : line.Length);
        if (_sent < digits)
        {
            _edited.Write(line[_sent..digits]);
            _sent = digits;
        }

        if (_sent < CodeLength || line.Length <= CodeLength || _isOpen || _rules.Adds.Length > 0 && line[CodeLength] == (byte)'\r')
        {
            return;
        }

        if (line[CodeLength] == (byte)'\r')
        {
            // A code alone, if the line's end follows.
            _edited.Write(line[_sent..]);
            (_sent, _isBare) = (line.Length, true);
            return;
        }

        if (_sent > CodeLength)
        {
            return;
        }

        var isLast = line[CodeLength] == (byte)' ';
        if (!isLast || _rules.Adds.Length == 0 || !_rules.AddsOnlyIfOffered)
        {
            SendSeparator(_edited, isMore: !isLast || (_rules.Adds.Length > 0 && line[0] == (byte)'2'));
        }
    }

    private void SendSeparator(ArrayBufferWriter<byte> to, bool isMore)
    {
        to.Write(isMore ? "-"u8 : " "u8);
        (_sent, _sentMore) = (CodeLength + 1, isMore);
    }

    /// <summary>The line that was held back goes on.</summary>
    private void Release(bool isLast)
    {
        if (_kept.WrittenCount > 0)
        {
            _edited.Write(_kept.WrittenSpan[..CodeLength]);
            _edited.Write(isLast ? " "u8 : "-"u8);
            _edited.Write(_kept.WrittenSpan[(CodeLength + 1)..]);
            _kept.ResetWrittenCount();
        }
    }

    private void Pass(bool isLast)
    {
        Release(isLast: false);
        var line = _beginning.WrittenSpan;
        (_line, _isLast) = (LineUse.Passes, isLast);
        var isReply = _hasFirst && ReplyLine.TryParse(line.TrimEnd((byte)'\n').TrimEnd((byte)'\r'), out var reply) && !reply.IsInformation;
        if (_isBare)
        {
            _edited.Write(line[_sent..]);
        }
        else if (!isReply)
        {
            _edited.Write(_isOpen ? "\r\n"u8 : default);
            _edited.Write(line[(_isOpen ? 0 : Math.Min(_sent, line.Length))..]);
        }
        else
        {
            var hasSeparator = line.Length > CodeLength && line[CodeLength] is (byte)' ' or (byte)'-';
            var to = isLast || _sent > 0 ? _edited : _kept;
            if (_sent < CodeLength)
            {
                to.Write(line[_sent..CodeLength]);
            }

            if (_sent <= CodeLength && (hasSeparator || (isLast && _adds)))
            {
                // Where another line follows this one gets the separator that says so.
                SendSeparator(to, isMore: !isLast || _adds);
            }

            _needsLast = isLast && _sent > CodeLength && _sentMore;
            to.Write(line[(CodeLength + (hasSeparator ? 1 : 0))..]);
        }

        (_sent, _isOpen, _isBare) = (0, false, false);
        _beginning.ResetWrittenCount();
    }

    private void EndLine()
    {
        var isHidden = _line == LineUse.Hidden;
        ReadOnlySpan<byte> code = [(byte)('0' + (_code / 100)), (byte)('0' + (_code / 10 % 10)), (byte)('0' + (_code % 10))];
        if (isHidden && _sent is > 0 and <= CodeLength)
        {
            _edited.Write(code[_sent..]);
            SendSeparator(_edited, isMore: !_isLast || _adds);
        }

        // The code of a line that is hidden now stands before the next.
        _isOpen = isHidden && _sent > 0;
        if (_isLast && isHidden && !_adds && _kept.WrittenCount > 0)
        {
            IsEditing = false;
            Release(isLast: true);
        }
        else if (_isLast)
        {
            IsEditing = false;
            Release(isLast: false);
            _edited.Write(_isOpen ? "\r\n"u8 : default);
            if (_needsLast || _adds || (isHidden && (_sent == 0 || _sentMore)))
            {
                _edited.Write(code);
                _edited.Write(" "u8);
                _edited.Write(_adds ? _rules.Adds : []);
                _edited.Write("\r\n"u8);
            }
        }

        (_line, _isLast) = (LineUse.Undecided, false);
    }
}
