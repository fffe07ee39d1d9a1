using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Guard;

/// <summary>Keeps a client waiting of which more is kept than should be, whatever the session, which does not know of that, wants meanwhile.</summary>
internal struct ClientHold
{
    private bool _isUnwanted;
    private bool _isHeld;

    /// <summary>The session wants to read from a leg, or not.</summary>
    public void Want(IPair pair, Leg from, bool wanted)
    {
        if (from == Leg.Client)
        {
            _isUnwanted = !wanted;
        }

        if (!wanted)
        {
            pair.Pause(from);
        }
        else if (from == Leg.Relay || !_isHeld)
        {
            pair.Resume(from);
        }
    }

    /// <summary>The client waits, or does not.</summary>
    public void Set(IPair pair, bool held)
    {
        if (held == _isHeld)
        {
            return;
        }

        _isHeld = held;
        if (held)
        {
            pair.Pause(Leg.Client);
        }
        else if (!_isUnwanted)
        {
            pair.Resume(Leg.Client);
        }
    }
}
