namespace SmtpProxy.Transport.ProxyProtocol;

/// <summary>What the octets so far are.</summary>
public enum ProxyHeaderState : byte
{
    /// <summary>The beginning of a header; more has to come.</summary>
    Partial,

    /// <summary>A whole header.</summary>
    Complete,

    /// <summary>No header: they begin otherwise.</summary>
    Absent,

    /// <summary>They begin like a header and are none.</summary>
    Malformed,
}

/// <summary>Reads a PROXY header of either version, however it is cut. Takes no octet after it, and keeps no more
/// than the longest header.</summary>
public sealed class ProxyHeaderReader
{
    private const int FixedPart = 16;
    private byte[] _held = new byte[ProxyHeader.LongestLine];
    private int _count;

    /// <summary>What it is so far.</summary>
    public ProxyHeaderState State { get; private set; }

    /// <summary>The header, when it is complete.</summary>
    public ProxyHeader Header { get; private set; }

    /// <summary>What is wrong, when it is malformed.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>What was taken: when there is no header, it is the client's.</summary>
    public ReadOnlySpan<byte> Taken => _held.AsSpan(0, _count);

    /// <summary>Takes octets as far as they belong to the header.</summary>
    /// <returns>How many were taken.</returns>
    public int Take(ReadOnlySpan<byte> octets)
    {
        var taken = 0;
        while (State == ProxyHeaderState.Partial && taken < octets.Length)
        {
            // One by one only where the next octet decides; the length of the rest of version 2 is known.
            var size = Math.Clamp(Wanted() - _count, 1, octets.Length - taken);
            octets.Slice(taken, size).CopyTo(_held.AsSpan(_count));
            (_count, taken) = (_count + size, taken + size);
            Judge();
        }

        return taken;
    }

    /// <summary>How many octets there may be before anything can be said.</summary>
    private int Wanted() => _count < FixedPart || _held[0] == (byte)'P' ? 0 : FixedPart + LengthOfRest;

    private int LengthOfRest => (_held[14] << 8) | _held[15];

    private void Judge()
    {
        if (_held[0] == ProxyHeader.LineStart[0])
        {
            JudgeLine();
            return;
        }

        var known = Math.Min(_count, ProxyHeader.Signature.Length);
        if (!ProxyHeader.Signature[..known].SequenceEqual(_held.AsSpan(0, known)))
        {
            State = ProxyHeaderState.Absent;
        }
        else if (_count == FixedPart && FixedPart + LengthOfRest > ProxyHeader.LongestBinary)
        {
            Fail($"it is longer than {ProxyHeader.LongestBinary} octets");
        }
        else if (_count >= FixedPart && _count == FixedPart + LengthOfRest)
        {
            Finish(BinaryProxyHeader.Parse(_held.AsSpan(0, _count), out var header), header);
        }
        else if (_count == FixedPart)
        {
            Array.Resize(ref _held, FixedPart + LengthOfRest);
        }
    }

    private void JudgeLine()
    {
        var known = Math.Min(_count, ProxyHeader.LineStart.Length);
        if (!ProxyHeader.LineStart[..known].SequenceEqual(_held.AsSpan(0, known)))
        {
            State = ProxyHeaderState.Absent;
        }
        else if (_held[_count - 1] == (byte)'\n')
        {
            Finish(ProxyLine.Parse(_held.AsSpan(0, _count), out var header), header);
        }
        else if (_count == ProxyHeader.LongestLine)
        {
            Fail($"its line is longer than {ProxyHeader.LongestLine} octets");
        }
    }

    private void Finish(string? problem, ProxyHeader header)
    {
        if (problem is not null)
        {
            Fail(problem);
            return;
        }

        (State, Header) = (ProxyHeaderState.Complete, header);
    }

    private void Fail(string problem) => (State, Problem) = (ProxyHeaderState.Malformed, problem);
}
