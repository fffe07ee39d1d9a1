using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Telemetry.Records;

/// <summary>The capabilities of the last successful EHLO or LHLO. Lines come before it is known whether the reply is a success.</summary>
/// <param name="memory">What its memory is charged to.</param>
internal sealed class CapabilityList(RecordShare memory)
{
    private const int MaxLines = 128;
    private List _current = new(memory);
    private List _pending = new(memory);

    /// <summary>Adds a line of a reply that is not complete.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd(" \t"u8);
        if (line.IsEmpty || _pending.Lines.Count >= MaxLines || !_pending.Text.TryAdd(line, out var span))
        {
            return;
        }

        var text = _pending.Text.Edit(span);
        var keyword = text.IndexOf((byte)' ');
        System.Text.Ascii.ToUpperInPlace(keyword < 0 ? text : text[..keyword], out _);
        _pending.Lines.Add(span);
    }

    /// <summary>A command was answered: it may change what is offered.</summary>
    public void Answered(Verb verb, bool isSuccess)
    {
        if (verb is Verb.Ehlo or Verb.Lhlo)
        {
            Settle(isSuccess);
        }
        else if (isSuccess && verb is (Verb.Helo or Verb.XClient))
        {
            Clear();
        }
    }

    /// <summary>The reply is complete: its lines count, or are forgotten.</summary>
    private void Settle(bool accepted)
    {
        if (accepted)
        {
            (_current, _pending) = (_pending, _current);
        }

        _pending.Clear();
    }

    /// <summary>Forgets all: nothing is offered any more.</summary>
    public void Clear()
    {
        _current.Clear();
        _pending.Clear();
    }

    /// <summary>Takes over what another list says is offered.</summary>
    public void Copy(CapabilityList other)
    {
        Clear();
        for (var n = 0; n < other.Count; n++)
        {
            Add(other[n]);
        }

        Settle(accepted: true);
    }

    /// <summary>How many capabilities are offered.</summary>
    public int Count => _current.Lines.Count;

    /// <summary>A line, its keyword in upper case.</summary>
    public ReadOnlySpan<byte> this[int index] => _current.Text[_current.Lines[index]];

    private sealed class List(RecordShare memory)
    {
        public TextArena Text { get; } = new(16 * 1024, memory, isSmall: true);

        public List<TextSpan> Lines { get; } = [];

        public void Clear()
        {
            Text.Clear();
            Lines.Clear();
        }
    }
}
