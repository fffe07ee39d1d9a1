using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Epoll.Native;

namespace SmtpProxy.Transport.Epoll;

/// <content>How the relay leg comes about.</content>
internal sealed partial class EpollPair
{
    /// <summary>Connects as the session asked for: not before the client was looked at, because one that has reset its connection already
    /// would cost the relay a connection for nothing.</summary>
    private void BeginDial()
    {
        if (!_dialWanted)
        {
            return;
        }

        _dialWanted = false;
        int errno = Dialler.Begin(_dialling, out int socket);
        if (socket >= 0)
        {
            errno = Register(ref _relay, Leg.Relay, socket, LegState.Connecting | (errno == 0 ? LegState.Writable : LegState.None));
        }

        if (errno != 0)
        {
            DialFailed(errno);
        }
        else
        {
            FinishDial();
        }
    }

    private void FinishDial()
    {
        if (!_relay.IsOpen || !_relay.Has(LegState.Connecting) || !_relay.Has(LegState.Writable | LegState.HungUp))
        {
            return;
        }

        int errno = _relay.Has(LegState.HungUp) ? Dialler.PendingError(_relay.Socket) : 0;
        if (errno is Errno.ConnectionReset or Errno.BrokenPipe)
        {
            // It was established before it broke, and what the relay said first may still be there.
            _relay.State |= LegState.WriteFailed | LegState.Broken | LegState.Suspect;
        }
        else if (errno != 0)
        {
            DialFailed(errno);
            return;
        }

        _timers[PairTimers.Dial] = PairTimers.Never;
        _relay.State &= ~LegState.Connecting;
        if (!_dialling.Preamble.IsEmpty)
        {
            _relay.Send(_dialling.Preamble.Span);
        }

        _handler.Dialled(new DialResult(DialOutcome.Connected, SocketName.Local(_relay.Socket), _dialling.Address, null));
    }

    private void DialFailed(int errno)
    {
        GiveUpDial();
        _relay.Close();
        _handler.Dialled(Dialler.Failure(errno));
    }
}
