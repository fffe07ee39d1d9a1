namespace SmtpProxy.Sessions.Admitting;

/// <summary>What one connection holds of the limits, from its acceptance to its end. Used on its pair's loop only.</summary>
internal sealed class Place(Admission admission, ClientRules rules, string listener, ClientNetwork? client, bool isSpared)
{
    private bool _hasLeft;
    private bool _shakes;

    /// <summary>The listener's name.</summary>
    public string Listener => listener;

    /// <summary>The client's network; null: it has no address.</summary>
    public ClientNetwork? Client => client;

    /// <summary>The client, where the limits for each client count it; null: they leave it alone.</summary>
    public ClientNetwork? Counted => isSpared ? null : client;

    /// <summary>The limits that it came in by.</summary>
    public SessionLimits Limits => rules.Limits;

    /// <summary>Why a TLS handshake with this client would be one too many; null: it would not.</summary>
    public Refusal? HandshakeTooMany() => admission.Handshakes.TooMany(Counted, Limits);

    /// <summary>Its TLS handshake is about to begin, unless it is too many. Answers why it is; null: it is not.</summary>
    public Refusal? TryShake()
    {
        var refusal = _shakes ? null : admission.Handshakes.TryBegin(Counted, Limits);
        _shakes |= refusal is null;
        return refusal;
    }

    /// <summary>Its TLS handshake begins.</summary>
    public void Shakes()
    {
        if (!_shakes)
        {
            _shakes = true;
            admission.Handshakes.Begin(Counted);
        }
    }

    /// <summary>Its TLS handshake is over, or does not come.</summary>
    public void HasShaken()
    {
        if (_shakes)
        {
            _shakes = false;
            admission.Handshakes.End(Counted);
        }
    }

    /// <summary>It is closed. Later calls do nothing.</summary>
    public void Leave()
    {
        HasShaken();
        if (!_hasLeft)
        {
            _hasLeft = true;
            admission.Leave(this);
        }
    }
}
