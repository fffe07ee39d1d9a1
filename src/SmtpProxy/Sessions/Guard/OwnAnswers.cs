namespace SmtpProxy.Sessions.Guard;

/// <summary>What the proxy answers a command of the client itself.</summary>
internal enum OwnAnswer : byte
{
    /// <summary>Nothing: the relay does.</summary>
    None,

    /// <summary>530: TLS first.</summary>
    TlsFirst,

    /// <summary>500: too long to be told what it is.</summary>
    TooLong,

    /// <summary>550: the client may not speak for others.</summary>
    NotForYou,

    /// <summary>What STARTTLS is answered, decided when its turn comes.</summary>
    StartTls,
}

/// <summary>Commands that the proxy answers and that wait for their turn among those that the relay answers.</summary>
internal struct OwnAnswers
{
    private Queue<(int Index, OwnAnswer What, bool IsPlain)>? _due;

    /// <summary>How many.</summary>
    public readonly int Count => _due?.Count ?? 0;

    /// <summary>A command is answered here.</summary>
    /// <param name="index">Its place in the order of commands.</param>
    /// <param name="what">By what.</param>
    /// <param name="isPlain">It is the verb alone, written as it should be.</param>
    public void Add(int index, OwnAnswer what, bool isPlain) => (_due ??= new()).Enqueue((index, what, isPlain));

    /// <summary>Whether the oldest is the one that the client's next reply answers.</summary>
    public readonly bool IsDue(int awaited)
    {
        if (_due is null)
        {
            return false;
        }

        while (_due.Count > 0 && (awaited < 0 || awaited > _due.Peek().Index))
        {
            // Something else answered it: a 421 that nobody asked for.
            _due.Dequeue();
        }

        return _due.Count > 0 && awaited == _due.Peek().Index;
    }

    /// <summary>The oldest, which is not due any more.</summary>
    public readonly (OwnAnswer What, bool IsPlain) Take()
    {
        var (_, what, isPlain) = _due!.Dequeue();
        return (what, isPlain);
    }

    /// <summary>Nobody waits for them.</summary>
    public readonly void Clear() => _due?.Clear();
}
