namespace SmtpProxy.Telemetry.Clocks;

/// <summary>
/// Gives every moment of a session to exactly one owner, in ticks: the three parts add up to the time since <see cref="Begin"/>, always.
/// Time never runs backwards here: an event with an earlier time than the one before counts as simultaneous with it.
/// </summary>
internal struct Attribution
{
    private long _since;
    private long _client;
    private long _relay;
    private long _proxy;
    private Shares _taken;
    private Owner _owner;

    /// <summary>The owner of the present moment.</summary>
    public readonly Owner Owner => _owner;

    /// <summary>The moment up to which all have an owner.</summary>
    public readonly long Since => _since;

    /// <summary>Begins with this owner.</summary>
    public void Begin(Owner owner, long at)
    {
        this = default;
        _since = at;
        _owner = owner;
    }

    /// <summary>Gives the time from here on to this owner.</summary>
    public void Hand(Owner to, long at)
    {
        Advance(at);
        _owner = to;
    }

    /// <summary>Gives what lies between these times to the proxy, as far as it belongs to nobody yet; then the owner
    /// is the one from before.</summary>
    public void Delay(long from, long to)
    {
        var owner = _owner;
        Hand(Owner.Proxy, from);
        Hand(owner, to);
    }

    /// <summary>Returns how the time since this was asked last divides: what was returned adds up to <see cref="Until"/>.</summary>
    public Shares Take(long at, long held = 0)
    {
        var all = Until(at, held);
        var taken = all - _taken;
        _taken = all;
        return taken;
    }

    /// <summary>Returns how the time up to this moment divides.</summary>
    /// <param name="at">The moment.</param>
    /// <param name="held">Time that no clock showed, because octets were held on purpose: the proxy's.</param>
    public readonly Shares Until(long at, long held = 0)
    {
        var copy = this;
        copy.Advance(at);
        return new Shares(copy._client, copy._relay, copy._proxy + held);
    }

    private void Advance(long at)
    {
        var passed = at - _since;
        if (passed <= 0)
        {
            return;
        }

        _since = at;
        switch (_owner)
        {
            case Owner.Client:
                _client += passed;
                break;
            case Owner.Relay:
                _relay += passed;
                break;
            default:
                _proxy += passed;
                break;
        }
    }
}
