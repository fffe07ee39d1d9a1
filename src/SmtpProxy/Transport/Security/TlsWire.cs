using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Security;

/// <summary>
/// The way of encrypted octets to a pair's connections. Only the pair's loop may write: what another thread encrypts, such as the
/// reply of a handshake whose certificate took a look-up, waits here until the loop takes it. All members are for
/// the loop unless they say otherwise.
/// </summary>
internal sealed class TlsWire
{
    /// <summary>What the pair is signalled when another thread has encrypted something: below 0, where no handler has a number.</summary>
    internal const int Progress = -1;

    private readonly Lock _gate = new();
    private readonly OctetQueue?[] _waiting = new OctetQueue?[2];
    private int _thread;

    /// <summary>The pair; there from its first event on.</summary>
    public IPair Pair { get; set; } = null!;

    /// <summary>Whether this thread is the loop, inside an event of the pair.</summary>
    private bool IsOnLoop => Volatile.Read(ref _thread) == Environment.CurrentManagedThreadId;

    /// <summary>An event begins: this thread may write.</summary>
    public void Enter() => Volatile.Write(ref _thread, Environment.CurrentManagedThreadId);

    /// <summary>The event is over.</summary>
    public void Leave() => Volatile.Write(ref _thread, 0);

    /// <summary>Encrypted octets for a leg; from any thread.</summary>
    public void Send(Leg to, ReadOnlySpan<byte> octets)
    {
        if (IsOnLoop)
        {
            Pair.Send(to, octets);
            return;
        }

        lock (_gate)
        {
            (_waiting[(int)to] ??= new OctetQueue()).Append(octets);
        }

        Pair.Signal(Progress);
    }

    /// <summary>There may be something to do; from any thread.</summary>
    public void Progressed()
    {
        if (!IsOnLoop)
        {
            Pair.Signal(Progress);
        }
    }

    /// <summary>Sends a leg what waits for it.</summary>
    public void Flush(Leg to)
    {
        byte[] octets;
        lock (_gate)
        {
            octets = _waiting[(int)to]?.Take() ?? [];
        }

        if (octets.Length > 0)
        {
            Pair.Send(to, octets);
        }
    }
}
