using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Replies;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Guard;

/// <summary>Gives the proxy's own answers to a client, each in its turn among the relay's, and no more of them than a client takes and a
/// turn of the loop allows.</summary>
internal sealed class Spokesman(SessionContext context, CommandReader commands, ReplyReader replies, Intake intake, StartTlsTalk startTls,
    ClientSpeech speech, GuardRules rules)
{
    /// <summary>Answers of one turn of the loop: other sessions wait meanwhile.</summary>
    private const int AnswersPerTurn = 16;

    private int _answers;

    /// <summary>The proxy itself tells this relay who the client is.</summary>
    public bool Introduces { get; set; }

    /// <summary>Another event of the loop.</summary>
    public void BeginTurn() => _answers = 0;

    /// <summary>Answers what is the proxy's to answer and has its turn.</summary>
    /// <param name="all">The relay's next reply comes after it: it cannot wait for another turn.</param>
    /// <returns>Whether something was answered.</returns>
    public bool Answer(bool all)
    {
        var before = _answers;
        while (!intake.IsOver && !startTls.IsUnderWay && (all || intake is { OwesTurn: false, IsBehind: false }) && commands.IsOwnDue)
        {
            if (!all && _answers >= AnswersPerTurn)
            {
                intake.OwesTurn = true;
                context.Pair.Signal((int)SessionSignal.Continue);
                break;
            }

            _answers++;
            Answer();
        }

        return _answers > before;
    }

    /// <summary>STARTTLS is granted: what was said in the clear after it goes nowhere.</summary>
    public void Grant(byte[] reply, Origin origin)
    {
        startTls.Grant();
        intake.Drop();
        speech.EndTlsHere();
        context.Dialogue.Dialogue.EndTlsHere();
        context.Client.AnswerComes();
        replies.Tell(reply, origin);
    }

    private void Answer()
    {
        var (what, isPlain) = commands.TakeOwn();
        var reply = what switch
        {
            OwnAnswer.TlsFirst => LocalReply.TlsFirst,
            OwnAnswer.TooLong => LocalReply.LineTooLong,
            OwnAnswer.NotForYou => LocalReply.NotForYou,
            _ => startTls.AnswerTo(isPlain, speech),
        };
        if (reply == LocalReply.TlsReady)
        {
            Grant(reply, Origin.Proxy);
            return;
        }

        if (what == OwnAnswer.NotForYou)
        {
            rules.Blocked(context.Pair, Introduces);
        }

        replies.Tell(reply, Origin.Proxy);
        // Who makes us speak listens first.
        intake.IsBehind = context.Pair.Unsent(Leg.Client) > 0;
    }
}
