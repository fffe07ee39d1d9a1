namespace SmtpProxy.Telemetry.Journal;

/// <summary>Where a piece of text lies in a <see cref="TextArena"/>.</summary>
internal readonly record struct TextSpan(int Start, int Length)
{
    /// <summary>No text: it was not given, or not kept.</summary>
    public static readonly TextSpan None = new(0, -1);

    /// <summary>Whether there is a text; it may be empty.</summary>
    public bool Exists => Length >= 0;
}

/// <summary>Octets from the wire that outlive their buffer, one after the other, up to a bound. Reused from session to session.</summary>
internal sealed class TextArena(int capacity)
{
    private const int KeepUpTo = 16 * 1024;
    private byte[] _octets = [];
    private int _used;

    /// <summary>Keeps a copy. False: the bound is reached.</summary>
    public bool TryAdd(ReadOnlySpan<byte> text, out TextSpan span)
    {
        if (text.Length > capacity - _used)
        {
            span = TextSpan.None;
            return false;
        }

        if (text.Length > _octets.Length - _used)
        {
            Array.Resize(ref _octets, Math.Min(capacity, Math.Max(_octets.Length * 2, Math.Max(256, _used + text.Length))));
        }

        text.CopyTo(_octets.AsSpan(_used));
        span = new TextSpan(_used, text.Length);
        _used += text.Length;
        return true;
    }

    /// <summary>The octets of a span; empty for <see cref="TextSpan.None"/>.</summary>
    public ReadOnlySpan<byte> this[TextSpan span] => span.Exists ? _octets.AsSpan(span.Start, span.Length) : default;

    /// <summary>The octets of a span, to be changed in place.</summary>
    public Span<byte> Edit(TextSpan span) => _octets.AsSpan(span.Start, span.Length);

    /// <summary>Empties it. Memory that one big session needed is not kept for all others.</summary>
    public void Clear()
    {
        _used = 0;
        if (_octets.Length > KeepUpTo)
        {
            _octets = [];
        }
    }
}
