using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Tests.Simulation;

/// <summary>Our end of a connection: what its kernel would hold in both directions.</summary>
internal sealed class SimulatedLeg(Leg leg)
{
    private readonly List<byte> _inbox = [];
    private readonly List<byte> _unsent = [];
    private int _inTheClear;

    public Leg Leg => leg;

    public SimulatedPeer Peer { get; private set; } = new("nobody");

    /// <summary>Connected, and not gone in both directions.</summary>
    public bool IsLive { get; private set; }

    public bool WasLive { get; private set; }

    public bool IsPaused { get; set; }

    public bool IsShut { get; private set; }

    /// <summary>In a handshake: nothing of it is read, and what is sent waits.</summary>
    public bool IsShaking { get; private set; }

    /// <summary>When the handshake began.</summary>
    public long ShakesSince { get; private set; }

    /// <summary>Its FIN has been told to the handler.</summary>
    public bool HasEnded { get; private set; }

    public EndKind? PendingEnd { get; private set; }

    /// <summary>A reset that the handler is told even while the leg is paused.</summary>
    public bool ResetShows { get; private set; }

    public bool DrainedIsDue { get; set; }

    public long Splice { get; set; }

    /// <summary>The last of a splice is on its way; what is behind it waits until the other leg has taken it.</summary>
    public bool SpliceIsSettling { get; set; }

    public int Inbox => _inbox.Count;

    public int Unsent => _unsent.Count;

    /// <summary>What the peer may be given of what is unsent: while it shakes hands, what was sent before that.</summary>
    public int MaySend => IsShaking ? _inTheClear : _unsent.Count;

    /// <summary>Whether a loop that wakes up finds something to tell of this leg.</summary>
    public bool CanBeRead(SimulatedLeg other) => IsLive && !IsShaking
        && (IsBlocked(other) ? PendingEnd == EndKind.Reset && ResetShows : _inbox.Count > 0 || PendingEnd is not null);

    /// <summary>Paused, told more than it takes, or spliced into a leg that takes nothing at the moment.</summary>
    public bool IsBlocked(SimulatedLeg other) => IsPaused || Unsent > QueueMemory.Bound
        || (Splice > 0 && _inbox.Count > 0 && (other.Unsent > 0 || !other.WasLive))
        || (SpliceIsSettling && other.Unsent > 0);

    public void Connect(SimulatedPeer peer)
    {
        Peer = peer;
        IsLive = WasLive = true;
        IsPaused = IsShut = IsShaking = HasEnded = SpliceIsSettling = DrainedIsDue = ResetShows = false;
        PendingEnd = null;
        Splice = 0;
        _inbox.Clear();
        _unsent.Clear();
    }

    public void Arrive(ReadOnlySpan<byte> octets) => _inbox.AddRange(octets);

    /// <summary>Octets that were read come again.</summary>
    public void PutBack(ReadOnlySpan<byte> octets) => _inbox.InsertRange(0, octets);

    /// <summary>The peer's end arrives behind its octets.</summary>
    /// <param name="how">FIN or RST.</param>
    /// <param name="overtakes">A reset drops octets that were not read.</param>
    /// <param name="shows">A reset is seen although nobody reads.</param>
    public void ArriveEnd(EndKind how, bool overtakes, bool shows)
    {
        PendingEnd = how;
        if (how == EndKind.Reset)
        {
            ResetShows = shows;
            if (overtakes)
            {
                _inbox.Clear();
            }
        }
    }

    /// <summary>The handler is told of the FIN.</summary>
    public void Finish()
    {
        HasEnded = true;
        PendingEnd = null;
    }

    public byte[] Read(int size)
    {
        var octets = _inbox[..size].ToArray();
        _inbox.RemoveRange(0, size);
        return octets;
    }

    public void Send(ReadOnlySpan<byte> octets, int taken)
    {
        if (PendingEnd == EndKind.Reset)
        {
            return; // the connection is dead already; the handler learns it when the reset is told
        }

        taken = IsShaking || _unsent.Count > 0 ? 0 : Math.Min(taken, octets.Length);
        Deliver(octets[..taken]);
        _unsent.AddRange(octets[taken..]);
        DrainedIsDue |= _unsent.Count > 0;
    }

    /// <summary>The peer takes this many of what is unsent.</summary>
    public void Take(int octets)
    {
        _inTheClear = Math.Max(0, _inTheClear - octets);
        Deliver(_unsent[..octets].ToArray());
        _unsent.RemoveRange(0, octets);
        FinIfDue();
    }

    /// <summary>A handshake begins.</summary>
    public void Shake(long now) => (IsShaking, ShakesSince, _inTheClear) = (true, now, _unsent.Count);

    /// <summary>It is over.</summary>
    public void Shaken()
    {
        IsShaking = false;
        FinIfDue();
    }

    public void Shut()
    {
        IsShut = true;
        FinIfDue();
    }

    /// <summary>Gone in both directions.</summary>
    public void Kill(bool tellPeer)
    {
        IsLive = false;
        DrainedIsDue = false;
        _inbox.Clear();
        _unsent.Clear();
        if (tellPeer)
        {
            Peer.ReceiveEnd(EndKind.Reset);
        }
    }

    /// <summary>Both directions are over and nothing is left to send or to tell.</summary>
    public void CloseIfOver()
    {
        if (IsLive && IsShut && HasEnded && _unsent.Count == 0 && !DrainedIsDue)
        {
            IsLive = false;
        }
    }

    private void Deliver(ReadOnlySpan<byte> octets)
    {
        Peer.Receive(octets);
        if (Peer.Window is { } window)
        {
            Peer.Window = window - octets.Length;
        }
    }

    private void FinIfDue()
    {
        if (IsShut && !IsShaking && _unsent.Count == 0 && PendingEnd != EndKind.Reset)
        {
            Peer.ReceiveEnd(EndKind.Fin);
        }
    }
}
