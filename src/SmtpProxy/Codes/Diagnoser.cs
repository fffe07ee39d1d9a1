using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using static SmtpProxy.Codes.Diagnosis;

namespace SmtpProxy.Codes;

/// <summary>Finds what was wrong with a session that did not end well. Precision first: where the facts do not decide, the result is
/// <see cref="Diagnosis.Unclear"/> with the candidates.</summary>
public static class Diagnoser
{
    /// <summary>Quieter for this long, a client that leaves had waited; below, it just left.</summary>
    private const double Waited = 2000;

    private const int ImplicitTlsPort = 465;

    /// <summary>Finds what was wrong.</summary>
    public static Finding Find(FailureFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var (candidates, known) = Judge(facts);
        var diagnosis = candidates.Count == 1 ? candidates[0] : Unclear;
        return new Finding(
            diagnosis, Evidence.Of(facts, known), candidates.Count == 1 ? [] : candidates, known,
            Remedies.Fill(known?.Remedy ?? Catalogue.Of(diagnosis).Remedy, facts)) { Refusal = facts.Refusal };
    }

    private static (IReadOnlyList<Diagnosis> Candidates, TextEntry? Known) Judge(FailureFacts facts)
    {
        if (HeaderAwaited(facts) is { } awaited)
        {
            return ([ProxyHeaderMissing], awaited);
        }

        if (Certain(facts) is { } certain)
        {
            return ([certain], null);
        }

        if (facts.Refusal is { IsOurs: true } ours)
        {
            return ([OfOurs(ours)], null);
        }

        if (facts.Refusal is { } refusal)
        {
            return TalkedOutOfTurn(facts, refusal)
                ? ([PipeliningRefused], Texts.Find(refusal.Operation, refusal.Code, refusal.Text))
                : RefusalReading.Judge(refusal.Operation, refusal.Code, refusal.Enhanced, refusal.Text);
        }

        return ([Cut(facts)], null);
    }

    /// <summary>The relay's words, where it turns the client away because it waits for a PROXY header. What the client said before
    /// them was taken for one.</summary>
    private static TextEntry? HeaderAwaited(FailureFacts facts) =>
        facts is { Break: not SessionBreak.Fault, Refusal: { IsOurs: false } refusal }
        && Texts.Find(refusal.Operation, refusal.Code, refusal.Text) is { } text
            && Texts.DiagnosisOf(text) == ProxyHeaderMissing ? text : null;

    /// <summary>What speaks for itself, whatever else was said.</summary>
    private static Diagnosis? Certain(FailureFacts facts) => facts switch
    {
        { Break: SessionBreak.Fault } => FaultInjected,
        { Break: SessionBreak.Capped } => ProxyLimit,
        { Break: SessionBreak.NotServed } => ClientNotServed,
        { Break: SessionBreak.Insecure } => TlsRequiredHere,
        { Break: SessionBreak.Unidentified } or { SpokeForOthers: true } => XClientBlocked,
        { Break: SessionBreak.NotConnected } => facts.Dial switch
        {
            DialOutcome.NameUnresolved => RelayNameUnresolved,
            DialOutcome.Refused => RelayRefusedConnection,
            DialOutcome.TimedOut => RelayConnectTimeout,
            DialOutcome.Unreachable => RelayUnreachable,
            DialOutcome.TlsFailed => RelayTlsFailed,
            DialOutcome.NotDialled => LocalResources,
            DialOutcome.GreetingFailed => NoGreeting,
            DialOutcome.IntroductionFailed or DialOutcome.IntroductionRefused => IntroductionRefused,
            _ => NoRelayAvailable,
        },
        { TlsError: not null, TlsErrorOfClient: true } => facts.TlsErrorIsPlaintext ? PlaintextOnTlsListener : TlsHandshakeFailed,
        { TlsError: not null } => RelayTlsFailed,
        _ when facts.Saw(Anomaly.HttpRequest) => HttpOnSmtpPort,
        { RelayBegan: FirstOctets.Tls } => PlaintextOnTlsPort,
        _ when facts.Saw(Anomaly.TlsOnPlaintext) => TlsOnPlaintextPort,
        { RelayBegan: FirstOctets.Http or FirstOctets.Ssh or FirstOctets.Other } => RelayNotSmtp,
        { TlsStoppedAt: not null, Greeted: false, RelayWaitsForNoTls: true } => TlsOnPlaintextPort,
        { TlsAlert: not null } or { TlsStoppedAt: not null, Break: not SessionBreak.Stopping } => TlsHandshakeFailed,
        { HadNoGoAhead: true } => DataRefused,
        { StrayLines: > 0 } => UnescapedDot,
        { HadSurplusVerdict: true } => FinalReplySurplus,
        { Break: SessionBreak.Stopping } => ProxyStopping,
        // The relay had the message: whatever was refused before, this one may come twice.
        { Stopped: Operation.EndOfData } => FinalReplyMissing,
        _ => null,
    };

    /// <summary>What the proxy answers in the relay's place, inside a dialogue (docs/transparency.md).</summary>
    private static Diagnosis OfOurs(RefusalReply refusal) => refusal switch
    {
        { Code: 530 } => TlsRequiredHere,
        { Operation: Operation.StartTls } => TlsRefusedHere,
        _ => CommandRefused,
    };

    private static bool TalkedOutOfTurn(FailureFacts facts, RefusalReply refusal) =>
        (refusal.Operation == Operation.Greeting && refusal.Code >= 500 && facts.Saw(Anomaly.EarlyTalker))
        || (refusal.Code is 503 or 554 && refusal.Enhanced is { Subject: 0 or 5 } && facts.Saw(Anomaly.PipeliningSyncViolation));

    private static Diagnosis Cut(FailureFacts facts) => facts switch
    {
        { Greeted: false } => Ungreeted(facts),
        { Stopped: Operation.Body } when facts.Saw(Anomaly.NonstandardEod) && facts.Break != SessionBreak.RelayGone => NonstandardEndOfData,
        { Break: SessionBreak.RelayGone } => RelayHungUp,
        { Stopped: Operation.Data } => No354,
        { Break: SessionBreak.RelaySilent } => RelayTimeout,
        { Break: SessionBreak.ClientSilent } => ClientTimeout,
        { Stopped: Operation.Body or Operation.Bdat } => EndOfDataMissing,
        { ClientSpoke: false } => ClientSaidNothing,
        _ => ClientHungUp,
    };

    private static Diagnosis Ungreeted(FailureFacts facts) => facts switch
    {
        { RelayPort: ImplicitTlsPort, RelayWaitsForNoTls: false } => PlaintextOnTlsPort,
        // It hung up at the client's first words, and nobody has ever seen it greet.
        { Break: SessionBreak.RelayGone, ClientSpoke: true, RelayWaitsForNoTls: false, QuietMilliseconds: >= 0 and < Waited } =>
            PlaintextOnTlsPort,
        { Break: SessionBreak.RelayGone } => RelayHungUp,
        { Break: SessionBreak.ClientGone, ClientSpoke: false, QuietMilliseconds: >= 0 and < Waited } => ClientSaidNothing,
        _ => NoGreeting,
    };
}
