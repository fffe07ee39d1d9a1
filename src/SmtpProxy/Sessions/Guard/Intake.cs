using SmtpProxy.Protocol;
using SmtpProxy.Sessions.Pipeline;

namespace SmtpProxy.Sessions.Guard;

/// <summary>What a client says on its way to the relay: read as far as it can be understood, passed on as far as it may, and kept,
/// within bounds, otherwise.</summary>
internal sealed class Intake(CommandReader commands, ClientSpeech speech, StartTlsTalk startTls, GuardRules rules)
{
    private readonly ClientWords _waiting = new();
    private bool _relayEnded;
    private bool _isShut;
    private bool _isFull;
    private bool _hasReadOn;
    private bool _isForgotten;
    private int _told;

    /// <summary>The client has not taken what it made the proxy say: nothing more is read of it until it has.</summary>
    public bool IsBehind { get; set; }

    /// <summary>Enough was done in this turn of the loop.</summary>
    public bool OwesTurn { get; set; }

    /// <summary>Nothing of the client goes to the relay any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Nothing waits to be read.</summary>
    public bool IsEmpty => _waiting.Length == 0;

    /// <summary>Octets for which the client shall be paused.</summary>
    public int Backlog =>
        IsBehind || OwesTurn || _waiting.Length > (speech.Phase == ClientPhase.Held ? WaitingOctets.Enough : CommandReader.LongestLine)
            ? _waiting.Length : 0;

    /// <summary>Nothing is kept, so that the transport may move octets unseen.</summary>
    public bool MaySplice => _waiting.Length == 0 && !IsOver && !startTls.IsUnderWay && commands.MaySplice;

    private bool CanRead => !IsOver && !startTls.IsUnderWay && !_isForgotten && ((!IsBehind && !OwesTurn) || _waiting.Gone > 0)
        && commands.CanRead;

    /// <summary>Octets of the client.</summary>
    public void Take(SessionFilter to, ReadOnlySpan<byte> octets)
    {
        if (IsOver || startTls.DropsClient)
        {
            return;
        }

        if (_waiting.Length == 0 && CanRead)
        {
            _told = 0;
            var read = commands.Read(to, octets, 0, out var ahead);
            _waiting.Append(octets[read..]);
            _waiting.Gone = ahead;
        }
        else
        {
            _waiting.Append(octets);
            GoAhead(to);
        }

        TellAhead();
    }

    /// <summary>Goes on with what waits.</summary>
    /// <returns>Whether any of it was understood.</returns>
    public bool ReadOn(SessionFilter to)
    {
        if (_waiting.Length == 0 || !CanRead)
        {
            return false;
        }

        _told = 0;
        var read = commands.Read(to, _waiting.Octets, _waiting.Gone, out var ahead);
        _waiting.Understood(read, ahead);
        TellAhead();
        _hasReadOn |= read > 0;
        return read > 0;
    }

    /// <summary>Whether what had waited was read since this was asked last.</summary>
    public bool TakeReadOn() => _hasReadOn && !(_hasReadOn = false);

    /// <summary>The dialogue knows of what waits for a reply, though not what it is.</summary>
    private void TellAhead()
    {
        if (speech.Phase == ClientPhase.Held && _told < _waiting.Length)
        {
            speech.SentAhead(_waiting.Octets[_told..]);
            _told = _waiting.Length;
        }
    }

    /// <summary>Goes on with what waits if some of it has gone on.</summary>
    /// <returns>Whether any of it was understood.</returns>
    public bool ReadGone(SessionFilter to) => _waiting.Gone > 0 && ReadOn(to);

    /// <summary>What waits goes on as far as it may before it is known what it is.</summary>
    public void GoAhead(SessionFilter to)
    {
        var ahead = commands.AheadOf(_waiting.Octets, _waiting.Gone);
        if (ahead > _waiting.Gone)
        {
            to.FromClient(_waiting.Octets[_waiting.Gone..ahead]);
            _waiting.Gone = ahead;
        }

        if (speech.Phase != ClientPhase.Held)
        {
            return;
        }

        if (_waiting.Length > WaitingOctets.Enough && _relayEnded)
        {
            ForgetGone();
        }
        else if (_waiting.Length > WaitingOctets.Enough && !_isFull)
        {
            _isFull = true;
            rules.Full();
        }
    }

    /// <summary>No reply will ever say what the octets are. Those that have gone on need not wait, so that the rest can follow them: the
    /// relay may still listen. What cannot go on without that reply goes nowhere, and nor does what comes after it.</summary>
    private void ForgetGone()
    {
        TellAhead();
        _isForgotten = true;
        _waiting.ReplaceGone(GuardedWord.Gist(_waiting.Octets[.._waiting.Gone]));
        _told = _waiting.Length;
        if (_told > WaitingOctets.Enough)
        {
            End();
        }
    }

    /// <summary>What was said in the clear goes nowhere: TLS begins, or the session ends.</summary>
    public void Drop() => _waiting.Clear();

    /// <summary>Nothing of the client goes to the relay any more.</summary>
    public void End()
    {
        IsOver = true;
        Drop();
    }

    /// <summary>The session is over: what waited waits no more.</summary>
    public void Over() => _waiting.Release();

    /// <summary>The relay says no more; or there is another.</summary>
    public void RelayEnded(bool ended)
    {
        (_relayEnded, _isForgotten) = (ended, _isForgotten && ended);
        commands.RelayEnded(ended);
    }

    /// <summary>The client says no more.</summary>
    public void Shut(SessionFilter to)
    {
        _isShut = true;
        ShutIfDone(to);
    }

    /// <summary>FIN goes after everything before it. What there is of a line then will never be whole.</summary>
    public void ShutIfDone(SessionFilter to)
    {
        if (!_isShut)
        {
            return;
        }

        // The beginning of a line will never be more, and need not wait to be understood.
        var waits = _waiting.HasUnsent && !_relayEnded && !CanRead;
        var hides = commands.MayHide(_waiting.Unsent)
            || (speech.Phase is ClientPhase.Command or ClientPhase.Held && commands.IsGuarded(_waiting.Unsent));
        if (waits && (hides || _waiting.Unsent.Contains((byte)'\n')))
        {
            return;
        }

        if (_waiting.HasUnsent && !startTls.IsDue && !hides)
        {
            to.FromClient(_waiting.Unsent);
            _waiting.Gone = _waiting.Length;
        }

        _isShut = false;
        // What has gone is still to be understood.
        _waiting.ForgetUnsent();
        to.ShutRelay();
    }
}
