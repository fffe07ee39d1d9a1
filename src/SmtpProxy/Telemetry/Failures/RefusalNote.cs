using System.Text;
using SmtpProxy.Codes;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Telemetry.Failures;

/// <summary>A place for one refusal, used again and again: nothing is allocated for a refusal but for the session's first.</summary>
internal sealed class RefusalNote
{
    private const int MostText = 512;
    private byte[]? _text;
    private int _length;

    /// <summary>The operation that was refused.</summary>
    public Operation Operation { get; private set; }

    /// <summary>Its code; 0 = nothing is noted.</summary>
    public int Code { get; private set; }

    /// <summary>Its enhanced code, if any.</summary>
    public EnhancedCode Enhanced { get; private set; }

    /// <summary>The proxy answered in the relay's place.</summary>
    public bool IsOurs { get; private set; }

    /// <summary>Whether something is noted.</summary>
    public bool IsSet => Code != 0;

    /// <summary>Notes text: a line of a reply that is not complete yet.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        var room = MostText - _length - 1;
        if (room > 0)
        {
            text = text[..Math.Min(text.Length, room)];
            _text ??= new byte[MostText];
            text.CopyTo(_text.AsSpan(_length));
            _length += text.Length;
            _text[_length++] = (byte)' ';
        }
    }

    /// <summary>Notes the rest: the reply is complete.</summary>
    public void Set(Operation operation, in Reply reply, bool isOurs)
    {
        Add(reply.Text);
        (Operation, Code, Enhanced, IsOurs) = (operation, reply.Code, reply.Enhanced, isOurs);
    }

    /// <summary>Notes what another one says.</summary>
    public void Copy(RefusalNote other)
    {
        (Operation, Code, Enhanced, IsOurs, _length) = (other.Operation, other.Code, other.Enhanced, other.IsOurs, other._length);
        other._text.AsSpan(0, _length).CopyTo(_text ??= new byte[MostText]);
    }

    /// <summary>Empties the place.</summary>
    public void Clear() => (Code, _length) = (0, 0);

    /// <summary>What was noted, for a diagnosis; null = nothing.</summary>
    public RefusalReply? Read() =>
        IsSet ? new RefusalReply(Operation, Code, Enhanced, Encoding.Latin1.GetString(_text.AsSpan(0, _length))) { IsOurs = IsOurs } : null;
}
