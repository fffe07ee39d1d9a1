namespace SmtpProxy.Protocol;

/// <summary>Arguments of commands that may be lines of a message (<see cref="StrayMessage"/>), until their replies show what they are. They
/// may hold anything, and are overwritten when nobody needs them any more. Those that are too many are not kept.</summary>
internal sealed class WithheldArguments
{
    /// <summary>Commands: a transaction with some recipients.</summary>
    private const int Most = 32;

    /// <summary>Octets of all of them.</summary>
    private const int MostOctets = 8 * 1024;

    private Queue<(int Index, byte[] Octets)>? _kept;
    private int _octets;

    /// <summary>Keeps the arguments of an exchange; later ones come later.</summary>
    public void Keep(int index, ReadOnlySpan<byte> arguments)
    {
        if ((_kept?.Count ?? 0) < Most && _octets + arguments.Length <= MostOctets)
        {
            _kept ??= new();
            _kept.Enqueue((index, arguments.ToArray()));
            _octets += arguments.Length;
        }
    }

    /// <summary>Gives back the arguments of an exchange, and forgets those of earlier ones; null: there are none.</summary>
    public byte[]? Take(int index)
    {
        while (_kept is { } kept && kept.TryPeek(out var oldest) && oldest.Index <= index)
        {
            kept.Dequeue();
            _octets -= oldest.Octets.Length;
            if (oldest.Index == index)
            {
                return oldest.Octets;
            }

            Array.Clear(oldest.Octets);
        }

        return null;
    }

    /// <summary>Forgets all.</summary>
    public void Forget()
    {
        while (_kept is { } kept && kept.TryDequeue(out var oldest))
        {
            Array.Clear(oldest.Octets);
        }

        _octets = 0;
    }
}
