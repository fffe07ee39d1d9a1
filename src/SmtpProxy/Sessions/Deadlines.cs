using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions;

/// <summary>Which wait of a session is running, and how long it may last, as RFC 5321 4.5.3.2 has it. What is waited for is always
/// something whole: a greeting, a reply, a command line, the next octets of a message; an octet now and then does not buy time. There is no
/// limit for a whole session.</summary>
internal sealed class Deadlines(SessionContext context, Ports ports)
{
    private readonly SessionLimits _limits = context.Limits;
    private readonly DialogueTracker _seen = context.Dialogue;
    private readonly DataPace _pace = new(context.Limits.DataBlock, context.Limits.MinDataRate);
    private (int Index, int Part)? _awaited;
    private bool _replyBegan;
    private long _command = -1;

    /// <summary>The limit that the client's timer stands for, as in <c>smtpproxy.limit</c>.</summary>
    public string ClientLimit { get; private set; } = "idle_timeout";

    /// <summary>Sets the timers anew after octets of <paramref name="from"/> passed.</summary>
    public void After(Leg from, long octets = 0)
    {
        if (_seen.IsOpaque)
        {
            Forget();
            context.Timers.Cancel(PairTimer.RelayRead);
            AwaitClient("idle_timeout", _limits.OpaqueIdle);
        }
        else if (_seen.Turn == Leg.Relay && _seen.Awaited is { } operation)
        {
            AwaitRelay(operation);
        }
        else
        {
            AwaitClient(from, octets);
        }
    }

    /// <summary>The relay is connected: it owes its greeting.</summary>
    public void AwaitGreeting()
    {
        _awaited = null;
        After(Leg.Relay);
    }

    /// <summary>The written leg of a direction does not take octets: its peer is waited for, and nobody else.</summary>
    public void Block(Direction direction)
    {
        direction.Blocked = true;
        direction.UnsentAtLastLook = ports.Unsent(direction.To);
        context.Flow.Set(direction.From, PauseReason.Unsent, stands: true);
        Forget();
        context.Timers.Cancel(PairTimer.ClientRead);
        context.Timers.Cancel(PairTimer.RelayRead);
        context.Timers.Set(WriteTimer(direction.To), _limits.Write);
    }

    /// <summary>Whether the written leg of a direction takes octets, if slowly, and is given time again: the
    /// limit is on taking none.</summary>
    public bool StillMoves(Direction direction)
    {
        var unsent = ports.Unsent(direction.To);
        if (unsent >= direction.UnsentAtLastLook)
        {
            return false;
        }

        direction.UnsentAtLastLook = unsent;
        // What the transport moves by itself blocks nothing, so that nobody is told when it is taken. The client's next octet sets this
        // one anew.
        context.Timers.Set(direction.Blocked ? WriteTimer(direction.To) : PairTimer.ClientRead, _limits.Write);
        return true;
    }

    /// <summary>It takes them again.</summary>
    public void Unblocked(Leg to)
    {
        context.Timers.Cancel(WriteTimer(to));
        After(to.Other());
    }

    private static PairTimer WriteTimer(Leg to) => to == Leg.Client ? PairTimer.ClientWrite : PairTimer.RelayWrite;

    private void AwaitRelay(Operation operation)
    {
        context.Timers.Cancel(PairTimer.ClientRead);
        _command = -1;
        _pace.Stop();
        if (_awaited != _seen.AwaitedReply)
        {
            // Whatever else either side says, it is this reply that is waited for.
            (_awaited, _replyBegan) = (_seen.AwaitedReply, _seen.InsideReply);
            context.Timers.Set(PairTimer.RelayRead, ForReply(operation));
        }
        else if (!_replyBegan && _seen.InsideReply && operation != Operation.Greeting)
        {
            _replyBegan = true;
            context.Timers.Set(PairTimer.RelayRead, ForReply(operation));
        }
    }

    private void AwaitClient(Leg from, long octets)
    {
        _awaited = null;
        context.Timers.Cancel(PairTimer.RelayRead);
        if (_seen.Phase is ClientPhase.Data or ClientPhase.Chunk)
        {
            _command = -1;
            var left = _pace.Next(from == Leg.Client ? octets : 0, context.Now);
            AwaitClient(_pace.IsSlow ? "slow_data" : "idle_timeout", left);
            return;
        }

        _pace.Stop();
        if (_seen.CommandBegan is not (>= 0 and var began))
        {
            _command = -1;
            AwaitClient("idle_timeout", _limits.ClientIdle);
        }
        else if (began != _command)
        {
            _command = began;
            AwaitClient("command_timeout", _limits.Command);
        }
    }

    private void AwaitClient(string limit, TimeSpan time)
    {
        ClientLimit = limit;
        context.Timers.Set(PairTimer.ClientRead, time);
    }

    private void Forget()
    {
        (_awaited, _command) = (null, -1);
        _pace.Stop();
    }

    private TimeSpan ForReply(Operation operation) => operation switch
    {
        Operation.Greeting => _limits.Greeting,
        Operation.Data => _limits.DataReply,
        Operation.EndOfData => _limits.FinalReply,
        _ => _limits.Reply,
    };
}
