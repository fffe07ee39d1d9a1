namespace SmtpProxy.Telemetry.Records;

/// <summary>Where a piece of text lies in a <see cref="TextArena"/>.</summary>
internal readonly record struct TextSpan(int Start, int Length)
{
    /// <summary>No text: it was not given, or not kept.</summary>
    public static readonly TextSpan None = new(0, -1);

    /// <summary>Whether there is a text; it may be empty.</summary>
    public bool Exists => Length >= 0;
}

/// <summary>Keeps octets from the wire beyond the life of their buffer, one text after the other, up to a bound. Reused
/// from session to session.</summary>
/// <param name="capacity">Octets that it holds at most.</param>
/// <param name="memory">What its memory is charged to.</param>
/// <param name="isSmall">Whether it is so small that it may grow whatever the limit says.</param>
internal sealed class TextArena(int capacity, RecordShare memory, bool isSmall = false)
{
    private const int KeepUpTo = 16 * 1024;
    private byte[] _octets = [];
    private int _used;

    /// <summary>Keeps a copy. Returns false when the arena is full, or there is no memory.</summary>
    public bool TryAdd(ReadOnlySpan<byte> text, out TextSpan span)
    {
        if (text.Length > capacity - _used || (text.Length > _octets.Length - _used && !TryGrow(_used + text.Length)))
        {
            span = TextSpan.None;
            return false;
        }

        text.CopyTo(_octets.AsSpan(_used));
        span = new TextSpan(_used, text.Length);
        _used += text.Length;
        return true;
    }

    /// <summary>The octets of a span; empty for <see cref="TextSpan.None"/>.</summary>
    public ReadOnlySpan<byte> this[TextSpan span] => span.Exists ? _octets.AsSpan(span.Start, span.Length) : default;

    /// <summary>All octets, in the order in which they came.</summary>
    public ReadOnlySpan<byte> All => _octets.AsSpan(0, _used);

    /// <summary>The octets of a span, to be changed in place.</summary>
    public Span<byte> Edit(TextSpan span) => _octets.AsSpan(span.Start, span.Length);

    /// <summary>Empties it. Memory that one big session needed is not kept for all others.</summary>
    public void Clear()
    {
        _used = 0;
        if (_octets.Length > KeepUpTo)
        {
            memory.Give(_octets.Length);
            _octets = [];
        }
    }

    private bool TryGrow(int least)
    {
        var size = Math.Min(capacity, Math.Max(_octets.Length * 2, Math.Max(256, least)));
        if (isSmall)
        {
            memory.Take(size - _octets.Length);
        }
        else if (!memory.TryTake(size - _octets.Length))
        {
            return false;
        }

        Array.Resize(ref _octets, size);
        return true;
    }
}
