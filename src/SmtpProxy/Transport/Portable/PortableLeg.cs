using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Native;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Portable;

/// <summary>One connection of a pair. Used on the pair's executor only.</summary>
internal sealed class PortableLeg
{
    private readonly Socket _socket;

    /// <param name="leg">Whose.</param>
    /// <param name="socket">The connection.</param>
    /// <param name="pulse">Whether anything may have stood still.</param>
    /// <param name="wake">Called, from any thread, when there is work.</param>
    /// <param name="isReset">The peer has reset it already: what it said before is read, and then that is told.</param>
    public PortableLeg(Leg leg, Socket socket, Pulse pulse, Action<Work> wake, bool isReset = false)
    {
        // Sends must not block; waiting is done by the asynchronous operations.
        socket.Blocking = false;
        if (socket.ProtocolType == ProtocolType.Tcp && !isReset)
        {
            socket.NoDelay = true;
        }

        _socket = socket;
        Leg = leg;
        In = new Inbound(socket, pulse, () => wake(Work.Input));
        Out = new Outbound(socket, () => wake(Work.Sent), isReset);
    }

    public Leg Leg { get; }

    public Inbound In { get; }

    public Outbound Out { get; }

    /// <summary>Not gone in both directions.</summary>
    public bool IsLive { get; private set; } = true;

    public bool IsPaused { get; set; }

    /// <summary>The session knows of its FIN.</summary>
    public bool HasEnded { get; set; }

    /// <summary>How much is shown of it at once.</summary>
    public Portion Portion = new();

    /// <summary>Octets still to pass unseen.</summary>
    public long Splice { get; set; }

    /// <summary>What was spliced last must be with the kernel before anything after it is shown.</summary>
    public bool SpliceIsSettling { get; set; }

    /// <summary>The connection is gone and nothing is left to read that anybody wants.</summary>
    public bool IsGone => (Out.IsBroken && (IsPaused || HasEnded)) || (In.IsReset && IsPaused);

    public void BeginReading() => _ = In.FillAsync();

    /// <summary>Whether the peer's kernel has what was sent; see <see cref="IPair.IsConfirmed"/>. Only Linux says.</summary>
    public bool? IsConfirmed()
    {
        if (Out.IsBroken || Out.Unsent > 0)
        {
            return Out.IsBroken ? false : null;
        }

        if (!OperatingSystem.IsLinux() || _socket.ProtocolType != ProtocolType.Tcp)
        {
            return true;
        }

        try
        {
            Span<byte> info = stackalloc byte[TcpInfo.Length];
            return TcpInfo.Read(info[.._socket.GetRawSocketOption(TcpInfo.Level, TcpInfo.Option, info)]);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>RST.</summary>
    public void Reset()
    {
        if (!IsLive)
        {
            return;
        }

        try
        {
            _socket.LingerState = new LingerOption(true, 0);
        }
        catch (SocketException)
        {
            // The connection is gone already: there is nobody to send RST to.
        }

        End();
    }

    /// <summary>Closes when both directions are over; the peer has seen our FIN and we have seen its.</summary>
    public void CloseIfOver()
    {
        if (IsLive && HasEnded && Out.IsShut && !Out.DrainedIsDue)
        {
            End();
        }
    }

    /// <summary>Nothing more, and no RST; RST where something would be lost.</summary>
    public void Close()
    {
        if (Out.Unsent > 0)
        {
            Reset();
        }
        else if (IsLive)
        {
            End();
        }
    }

    private void End()
    {
        IsLive = false;
        _socket.Dispose();
        In.Release();
        Out.Release();
    }
}
