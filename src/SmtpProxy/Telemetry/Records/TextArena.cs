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
    private readonly RecordBuffer<byte> _octets = new();

    /// <summary>Keeps a copy. Returns false when the arena is full, or there is no memory.</summary>
    public bool TryAdd(ReadOnlySpan<byte> text, out TextSpan span)
    {
        var used = _octets.Count;
        if (text.Length > capacity - used || (text.Length > _octets.Capacity - used && !TryGrow(used + text.Length)))
        {
            span = TextSpan.None;
            return false;
        }

        span = new TextSpan(used, text.Length);
        _octets.Add(text);
        return true;
    }

    /// <summary>The octets of a span; empty for <see cref="TextSpan.None"/>.</summary>
    public ReadOnlySpan<byte> this[TextSpan span] => span.Exists ? _octets.Items.Slice(span.Start, span.Length) : default;

    /// <summary>Adds all of it to another, on any thread. Returns false when that is full, or there is no memory.</summary>
    public bool TryCopyTo(TextArena other) => _octets.Read(other, static (octets, other) => other.TryAdd(octets, out _));

    /// <summary>The octets of a span, to be changed in place.</summary>
    public Span<byte> Edit(TextSpan span) => _octets.Items.Slice(span.Start, span.Length);

    /// <summary>Gives its memory back, which stays charged: that is given back for all of a record at once.</summary>
    public void Release() => _octets.Release();

    /// <summary>Empties it. Memory that one big session needed is not kept for all others.</summary>
    public void Clear()
    {
        _octets.Clear();
        if (_octets.Capacity > KeepUpTo)
        {
            memory.Give(_octets.Capacity);
            _octets.Release();
        }
    }

    private bool TryGrow(int least)
    {
        var size = Math.Min(capacity, Math.Max(_octets.Capacity * 2, Math.Max(256, least)));
        if (isSmall)
        {
            memory.Take(size - _octets.Capacity);
        }
        else if (!memory.TryTake(size - _octets.Capacity))
        {
            return false;
        }

        _octets.Grow(size);
        return true;
    }
}
