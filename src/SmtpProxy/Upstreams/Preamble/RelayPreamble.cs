using System.Net;
using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Transport;

namespace SmtpProxy.Upstreams.Preamble;

/// <summary>
/// What the proxy says to a relay before a session does, or in a probe, as a machine that is told what happens and says what to do: takes
/// the greeting, says EHLO (LHLO to a relay that speaks LMTP), STARTTLS (RFC 3207), EHLO again inside TLS, and XCLIENT
/// (postfix.org/XCLIENT_README.html), as far as the plan has it. Where something is required, anything but one lone reply of the right kind
/// at each step is the relay's failure. Where nothing is, the relay is taken as it is, unless it talks out of turn: then nobody would know
/// any more which reply is whose.
/// </summary>
/// <param name="plan">What is to be agreed.</param>
internal sealed class RelayPreamble(PreamblePlan plan)
{
    private byte[]? _offer;
    private ReplyCollector _reply = new();

    /// <summary>What is waited for.</summary>
    public PreambleStep Awaited { get; private set; }

    /// <summary>The reply in the greeting's place; empty: there was none.</summary>
    public byte[] Greeting { get; private set; } = [];

    /// <summary>The reply to an EHLO that holds for the dialogue as it is now: the relay has been told a name, and may not take another.
    /// Null: it has not, or it has forgotten it.</summary>
    public byte[]? Identified { get; private set; }

    /// <summary>The attributes of the client that the relay was told.</summary>
    public IReadOnlyList<string> Attributes { get; private set; } = [];

    /// <summary>What it answered to that; null: it was not told, or has not answered.</summary>
    public int? XClientCode { get; private set; }

    /// <summary>Octets of the relay.</summary>
    public PreambleMove Heard(ReadOnlySpan<byte> octets)
    {
        var taken = _reply.Take(octets);
        var rest = octets[taken..];
        // Nothing may follow a reply before the next command was sent; what follows the 220 to STARTTLS may be anybody's (CVE-2011-0411).
        if (_reply.IsHopeless || (!rest.IsEmpty && (Awaited == PreambleStep.StartTls || !ReplyCollector.BeginsInformation(rest))))
        {
            return OutOfTurn([.. _reply.Octets, .. rest]);
        }

        if (_reply.Code is not { } code)
        {
            return PreambleMove.Wait;
        }

        var move = Answered(code, _reply.Octets);
        return rest.IsEmpty ? move : Informed(move, rest);
    }

    /// <summary>The relay said its last.</summary>
    public PreambleMove Ended() => Awaited == PreambleStep.Greeting && !plan.IsStrict
        // What there is of a greeting, and the end, are for others to judge.
        ? End(new(MoveKind.HandOver, _reply.Octets))
        : Fail(Awaited switch
        {
            PreambleStep.Greeting => "the relay closed the connection before its greeting",
            PreambleStep.XClient => "the relay closed the connection instead of answering XCLIENT",
            PreambleStep.EhloInside => $"the relay closed the connection instead of answering {Hello}",
            _ when plan.WantsTls => "the relay closed the connection before TLS was established",
            _ => $"the relay closed the connection instead of answering {Hello}",
        });

    /// <summary>It took too long.</summary>
    public PreambleMove TimedOut() => Fail(Awaited switch
    {
        PreambleStep.Greeting => "the relay sent no greeting in time",
        PreambleStep.StartTls => "the relay did not answer STARTTLS in time",
        PreambleStep.Handshake => "the TLS handshake with the relay did not end in time",
        PreambleStep.XClient => "the relay did not answer XCLIENT in time",
        _ => $"the relay did not answer {Hello} in time",
    });

    /// <summary>The handshake is over.</summary>
    public PreambleMove Secured(bool succeeded)
    {
        if (!succeeded)
        {
            return Fail("the handshake failed");
        }

        // It has forgotten what it was told in the clear (RFC 3207, section 4.2).
        Identified = null;
        return plan.Introduces || plan.AsksOffer ? Say(PreambleStep.EhloInside, Ehlo) : GoOn(Greeting);
    }

    /// <summary>A reply to EHLO that was granted and has not been taken from here; null: there is none.</summary>
    public byte[]? TakeOffer()
    {
        var offer = _offer;
        _offer = null;
        return offer;
    }

    private PreambleMove OutOfTurn(byte[] said) => Awaited == PreambleStep.Greeting && !plan.IsStrict
        ? End(new(MoveKind.HandOver, said))
        : Fail(Awaited switch
        {
            PreambleStep.Greeting => "the relay's greeting is not one reply",
            PreambleStep.StartTls => "the relay says something in the clear after its answer to STARTTLS",
            _ => "the relay says what nobody asked for",
        });

    /// <summary>In the same read as its reply the relay tells what it does, which answers nothing (PROTOCOL 10.9):
    /// as if it had come later.</summary>
    private PreambleMove Informed(in PreambleMove move, ReadOnlySpan<byte> rest)
    {
        if (move.Kind != MoveKind.Say)
        {
            return move.Kind is MoveKind.GoOn or MoveKind.HandOver ? move with { Octets = [.. move.Octets, .. rest] } : move;
        }

        _reply.Take(rest);
        return _reply is { Code: null, IsHopeless: false } ? move : OutOfTurn([.. rest]);
    }

    private string Hello => plan.IsLmtp ? "LHLO" : "EHLO";

    private string Ehlo => $"{Hello} {plan.HelloName}\r\n";

    private PreambleMove Answered(int code, byte[] reply)
    {
        switch (Awaited)
        {
            case PreambleStep.Greeting:
                return Greeted(code, reply);
            case PreambleStep.Ehlo when code == 250:
                Identified = _offer = _reply.Answer;
                return plan.WantsTls ? AskForTls() : Introduce();
            case PreambleStep.Ehlo:
                return plan.WantsTls ? WithoutTls($"the relay answers {Hello} with {code}", reply, code)
                    : Fail($"the relay answers {Hello} with {code}", reply);
            case PreambleStep.StartTls when code == 220:
                Awaited = PreambleStep.Handshake;
                return PreambleMove.Shake;
            case PreambleStep.StartTls:
                return WithoutTls($"the relay answers STARTTLS with {code}", reply, code);
            case PreambleStep.EhloInside when code == 250:
                Identified = _offer = _reply.Answer;
                return Introduce();
            case PreambleStep.EhloInside:
                return Fail($"the relay answers {Hello} with {code}", reply);
            default:
                return Introduced(code, reply);
        }
    }

    private PreambleMove Greeted(int code, byte[] reply)
    {
        Greeting = reply;
        if (code != 220)
        {
            return !plan.IsStrict ? End(new(MoveKind.HandOver, reply))
                // It takes nobody now, or not the proxy: that is the client's to hear.
                : code / 100 is 4 or 5 ? End(new(MoveKind.Refuse, reply))
                : Fail($"the relay greets with {code}", reply);
        }

        if (plan.Introduces && plan.Client is not IPEndPoint)
        {
            // ADDR=[UNAVAILABLE] is no way out: there are relays that go on with the proxy's address then (Dovecot).
            return Fail("the client has no IP address that the relay could be told", [], DialOutcome.IntroductionRefused);
        }

        return plan.WantsTls || plan.Introduces || plan.AsksOffer ? Say(PreambleStep.Ehlo, Ehlo) : GoOn(reply);
    }

    private PreambleMove AskForTls() => Words("STARTTLS") is null
        ? WithoutTls("the relay does not offer STARTTLS", [])
        : Say(PreambleStep.StartTls, "STARTTLS\r\n");

    // With 421 it hangs up (RFC 5321, section 3.8): there is nobody left to go on with in the clear.
    private PreambleMove WithoutTls(string why, byte[] reply, int code = 0) =>
        plan.NeedsTls || code == 421 ? Fail(why, reply, DialOutcome.TlsFailed)
        : Identified is null && (plan.Introduces || plan.AsksOffer) ? Fail(why, reply, DialOutcome.IntroductionFailed)
        : Introduce();

    private PreambleMove Introduce()
    {
        if (!plan.Introduces)
        {
            return GoOn(Greeting);
        }

        if (Words("XCLIENT") is not { } offered)
        {
            return Fail("the relay does not offer XCLIENT to this proxy", [], DialOutcome.IntroductionFailed);
        }

        var command = XClientCommand.Write(offered, (IPEndPoint)plan.Client!, plan.Local!, out var attributes);
        Attributes = attributes;
        return command is null
            ? Fail("the relay's XCLIENT takes no ADDR", [], DialOutcome.IntroductionFailed)
            : Say(PreambleStep.XClient, command);
    }

    private PreambleMove Introduced(int code, byte[] reply)
    {
        XClientCode = code;
        if (code == 220)
        {
            // The dialogue begins anew.
            Identified = null;
            return GoOn(reply);
        }

        // 421, 501, 503 and 550 are about XCLIENT itself, as are those of a relay that does not know it. What else is refused is the
        // client, which the relay knows now: it is back at its greeting.
        return code / 100 is 4 or 5 && code is not (421 or 500 or 501 or 502 or 503 or 504 or 550)
            ? End(new(MoveKind.Refuse, reply))
            : Fail($"the relay answers XCLIENT with {code}", reply, DialOutcome.IntroductionRefused);
    }

    /// <summary>A line of the reply to EHLO, in words; null: it is not offered.</summary>
    private string[]? Words(string keyword) => EhloOffer.Read(Identified!)
        .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .FirstOrDefault(words => words is [var first, ..] && first.Equals(keyword, StringComparison.OrdinalIgnoreCase));

    private PreambleMove Say(PreambleStep awaited, string command) => Say(awaited, Encoding.ASCII.GetBytes(command));

    private PreambleMove Say(PreambleStep awaited, byte[] command)
    {
        (Awaited, _reply) = (awaited, new ReplyCollector());
        return new(MoveKind.Say, command);
    }

    private PreambleMove GoOn(byte[] greeting) => End(new(MoveKind.GoOn, greeting));

    private PreambleMove Fail(string why, byte[]? reply = null) => Fail(why, reply ?? [], Awaited switch
    {
        PreambleStep.Greeting => DialOutcome.GreetingFailed,
        PreambleStep.EhloInside or PreambleStep.XClient => DialOutcome.IntroductionFailed,
        PreambleStep.Ehlo when !plan.WantsTls => DialOutcome.IntroductionFailed,
        _ => DialOutcome.TlsFailed,
    });

    private PreambleMove Fail(string why, byte[] reply, DialOutcome outcome) => End(new(MoveKind.Fail, reply, outcome, why));

    private PreambleMove End(PreambleMove last)
    {
        Awaited = PreambleStep.Over;
        return last;
    }
}
