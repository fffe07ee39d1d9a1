using System.Net;
using System.Text;
using SmtpProxy.Telemetry;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Introduction;

/// <summary>
/// Tells a relay by XCLIENT who the client is, before the two talk: takes the greeting, says EHLO and XCLIENT, and hands on as the greeting what the
/// relay answers, because it begins its dialogue anew with that. Whatever else the relay says, the session goes on as if nobody had asked: it
/// gets the greeting that was kept. Until then the client waits, and nothing of it passes.
/// </summary>
internal sealed class IntroducingPair(IPairHandler session, SessionTelemetry telemetry, IntroductionLog log) : PassingPair
{
    private Step _step;
    private string? _name;
    private ReplyCollector _reply = new();
    private byte[] _greeting = [];
    private IReadOnlyList<string> _attributes = [];
    private bool _clientWaits;
    private long _began;
    private int _sent;
    private int _received;

    /// <summary>What is waited for.</summary>
    private enum Step
    {
        None,
        Greeting,
        Ehlo,
        XClient,
    }

    protected override IPairHandler Handler => session;

    public override void Dial(in DialTarget target)
    {
        // Who has no IP address cannot be told.
        (_step, _name) = (Step.None, Pair.Client is IPEndPoint ? target.IntroduceAs : null);
        base.Dial(target);
    }

    public override void Dialled(in DialResult result)
    {
        if (_name is not null && result.Outcome == DialOutcome.Connected)
        {
            (_step, _reply, _greeting, _attributes, _clientWaits, _sent, _received) = (Step.Greeting, new(), [], [], false, 0, 0);
        }

        base.Dialled(result);
    }

    public override void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        if (_step == Step.None || from == Leg.Client)
        {
            base.Received(from, octets);
            return;
        }

        var taken = _reply.Take(octets);
        _received += taken;
        // Nothing may stand behind a reply before the next command was sent.
        if (_reply.IsHopeless || taken < octets.Length)
        {
            GiveUp("it says what nobody asked for", octets[taken..]);
        }
        else if (_reply.Code is { } code)
        {
            Answered(code);
        }
    }

    public override void Ended(Leg from, EndKind how)
    {
        var isRelays = _step != Step.None && from == Leg.Relay;
        _step = isRelays ? Step.None : _step;
        base.Ended(from, how);
        if (isRelays)
        {
            // Unless the session has moved on to another relay, and let the client wait again.
            LetClientGoOn();
        }
    }

    public override void Shut(Leg leg)
    {
        Forget(leg);
        base.Shut(leg);
    }

    public override void Reset(Leg leg)
    {
        Forget(leg);
        base.Reset(leg);
    }

    public override void Pause(Leg from)
    {
        _clientWaits &= from != Leg.Client;
        base.Pause(from);
    }

    public override void Resume(Leg from)
    {
        if (_step != Step.None && from == Leg.Client)
        {
            _clientWaits = true;
            return;
        }

        base.Resume(from);
    }

    private void Forget(Leg leg)
    {
        if (leg == Leg.Relay && _step != Step.None)
        {
            _step = Step.None;
            LetClientGoOn();
        }
    }

    private void Answered(int code)
    {
        switch (_step)
        {
            case Step.Greeting when code != 220:
                // It takes nobody now, or not the proxy: that is the client's to hear.
                End(_reply.Octets, []);
                break;
            case Step.Greeting:
                _greeting = _reply.Octets;
                _began = Pair.Now;
                Say(Step.Ehlo, Encoding.ASCII.GetBytes($"EHLO {_name}\r\n"));
                break;
            case Step.Ehlo when code / 100 != 2:
                GiveUp($"it answers EHLO with {code}", []);
                break;
            case Step.Ehlo:
                Introduce();
                break;
            case Step.XClient when code == 220:
                log.Went(telemetry.Destination);
                Record(code, _reply.Octets);
                End(_reply.Octets, []);
                break;
            default:
                GiveUp($"it answers XCLIENT with {code}", [], code);
                break;
        }
    }

    private void Introduce()
    {
        var offered = _reply.Texts.Skip(1).Select(static text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(static words => words is [var verb, ..] && verb.Equals("XCLIENT", StringComparison.OrdinalIgnoreCase));
        if (offered is null || XClientCommand.Write(offered, (IPEndPoint)Pair.Client, Pair.Local, out _attributes) is not { } command)
        {
            GiveUp(offered is null ? "it does not offer XCLIENT to this proxy" : "its XCLIENT takes no ADDR", []);
            return;
        }

        Say(Step.XClient, command);
    }

    private void Say(Step next, byte[] command)
    {
        (_step, _reply) = (next, new ReplyCollector());
        _sent += command.Length;
        Pair.Send(Leg.Relay, command);
    }

    /// <summary>The relay does not know the client and serves it all the same.</summary>
    private void GiveUp(string why, ReadOnlySpan<byte> behind, int? code = null)
    {
        var greeting = _greeting.Length > 0 ? _greeting : _reply.Octets;
        log.Failed(telemetry.Destination, why);
        Record(code, greeting);
        End(greeting, behind);
    }

    /// <summary>What the client gets is counted when it passes.</summary>
    private void Record(int? code, byte[] given) => telemetry.Introduced(
        code is { } reply ? new IntroductionNote(reply, _attributes, Pair.Now - _began) : null, _sent, _received - given.Length);

    private void End(byte[] greeting, ReadOnlySpan<byte> behind)
    {
        _step = Step.None;
        session.Received(Leg.Relay, greeting);
        if (!behind.IsEmpty)
        {
            session.Received(Leg.Relay, behind);
        }

        LetClientGoOn();
    }

    private void LetClientGoOn()
    {
        if (_clientWaits)
        {
            _clientWaits = false;
            Pair.Resume(Leg.Client);
        }
    }
}
