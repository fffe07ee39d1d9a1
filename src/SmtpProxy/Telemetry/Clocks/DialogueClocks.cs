using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Telemetry.Clocks;

/// <summary>The clocks that run across exchanges: greeting, client's think time, AUTH's challenges, bodies, 220 to 354. All in ticks;
/// -1 is "no clock ran".</summary>
internal struct DialogueClocks
{
    private long _established;
    private long _greetingForwarded;
    private long _thinkFrom;
    private long _bodyFrom;
    private long _challengeRead;
    private long _authThought;
    private uint _challengeBuffer;
    private bool _isEstablished;
    private bool _greeted;
    private bool _isGreetingForwarded;
    private bool _wasDataReady;
    private bool _answered;
    private bool _isThinking;
    private bool _isBodyEnding;
    private bool _isChallenged;

    /// <summary>The relay's TCP connection was established.</summary>
    public void Established(long at)
    {
        _established = at;
        _isEstablished = true;
    }

    /// <summary>The greeting is complete; only a 2yz of the relay starts the way to 354.</summary>
    public void Greeted(bool accepted) => _greeted = accepted;

    /// <summary>An exchange has its final reply.</summary>
    public void AnswerGiven() => _answered = true;

    /// <summary>AUTH was answered 334: the client thinks from when that is forwarded.</summary>
    public void Challenged(in BufferClock clock)
    {
        (_challengeBuffer, _challengeRead, _isChallenged) = (clock.Number, clock.ReadAt, true);
    }

    /// <summary>The client's response to a 334 was read.</summary>
    public void Responded(in BufferClock clock)
    {
        if (_isChallenged)
        {
            _authThought += Math.Max(0, clock.ReadAt - clock.ForwardedAt(_challengeBuffer, _challengeRead));
            _isChallenged = false;
        }
    }

    /// <summary>Returns how long the relay took to reply, as each operation's clock is defined.</summary>
    public long TakeDuration(in Exchange exchange, in BufferClock clock)
    {
        switch (exchange.Verb)
        {
            case Verb.Greeting:
                return _isEstablished ? Math.Max(0, clock.ReadAt - _established) : -1;
            case Verb.EndOfData when !Marks.IsComplete(exchange):
                // The reply came in the middle of the body: there was no end of data from which to wait.
                return -1;
            case Verb.Auth:
                var thought = _authThought;
                (_authThought, _isChallenged) = (0, false);
                return Math.Max(0, clock.ReadAt - clock.ForwardedAt(exchange) - thought);
            default:
                return Math.Max(0, clock.ReadAt - clock.ForwardedAt(exchange));
        }
    }

    /// <summary>Returns, at the session's first 354, the time since the greeting was forwarded.</summary>
    public long TakeDataReady(long at)
    {
        if (!_isGreetingForwarded || _wasDataReady)
        {
            return -1;
        }

        _wasDataReady = true;
        return Math.Max(0, at - _greetingForwarded);
    }

    /// <summary>A command was read. Returns the client's think time, if it had nothing else to wait for.</summary>
    public long TakeThinkTime(bool pipelined, long at)
    {
        var thought = _isThinking && !pipelined ? Math.Max(0, at - _thinkFrom) : -1;
        _isThinking = false;
        return thought;
    }

    /// <summary>The final dot was read: the body's time is known when it is forwarded. Returns the time at once when the dot did not come
    /// in the buffer that is being looked at but was held until the go-ahead came: no time passed between the two.</summary>
    public long BodyEnded(in Exchange endOfData, in BufferClock clock)
    {
        if (clock.IsCurrent(endOfData))
        {
            return 0;
        }

        (_bodyFrom, _isBodyEnding) = (clock.ForwardedAt(endOfData), true);
        return -1;
    }

    /// <summary>Returns the time of the body whose final dot is being, or was just, forwarded.</summary>
    public long TakeBody(long at)
    {
        var body = _isBodyEnding ? Math.Max(0, at - _bodyFrom) : -1;
        _isBodyEnding = false;
        return body;
    }

    /// <summary>The buffer was handed on.</summary>
    /// <param name="clientIsFree">Whether everything is answered and the next octet of the client is a command.</param>
    /// <param name="at">When.</param>
    public void Forwarded(bool clientIsFree, long at)
    {
        if (_greeted && !_isGreetingForwarded)
        {
            (_greetingForwarded, _isGreetingForwarded) = (at, true);
        }

        if (_answered && clientIsFree)
        {
            (_thinkFrom, _isThinking) = (at, true);
        }

        _answered = false;
    }
}
