using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Replies;
using static SmtpProxy.Codes.Diagnosis;

namespace SmtpProxy.Codes;

/// <summary>What a refusal means. A well-known text says most, then the enhanced code, then the code and what it replies to. Where they
/// leave it open the candidates are named, the likely first.</summary>
public static class RefusalReading
{
    /// <summary>Judges a refusal.</summary>
    /// <param name="operation">The operation that was refused; null: not known (a pasted line).</param>
    /// <param name="code">400-599.</param>
    /// <param name="enhanced">Its enhanced code, if any.</param>
    /// <param name="text">Its text.</param>
    public static (IReadOnlyList<Diagnosis> Candidates, TextEntry? Known) Judge(Operation? operation, int code, EnhancedCode enhanced,
        string text)
    {
        if (Texts.Find(operation, code, text) is { } known)
        {
            var meant = Texts.DiagnosisOf(known);
            // What is refused for now is not final, whatever the words: the phrase is evidence, and its remedy is for another case.
            return meant == RecipientUnknown && code < 500
                ? ([RecipientDeferred], known with { Meaning = null, Remedy = null })
                : ([meant], known);
        }

        if (operation == Operation.Greeting)
        {
            return ([GreetingRefused], null);
        }

        return (ByEnhanced(operation, enhanced, isFinal: code >= 500) ?? ByCode(operation, code), null);
    }

    private static Diagnosis[]? ByEnhanced(Operation? operation, EnhancedCode code, bool isFinal) => (code.Subject, code.Detail) switch
    {
        (1, 1) => [operation == Operation.Mail ? SenderRefused : isFinal ? RecipientUnknown : RecipientDeferred],
        (1, 2 or 4 or 6 or 10) => [isFinal ? RecipientUnknown : RecipientDeferred],
        (1, 3) => [CommandRefused],
        (1, 7 or 8) => [SenderRefused],
        (2, 1) => [isFinal ? RecipientUnknown : RecipientDeferred],
        (2, 2) => [MailboxFull],
        (2, 3) or (3, 4) => [TooLarge],
        (3, 1) => [StorageFull],
        (3, 3) => [CommandRefused],
        (3, 0 or 5) or (4, 1 or 3 or 4 or 6 or 7) or (2, 4) => [RelayInternalError],
        (4, 5) => [RateLimited, RelayInternalError],
        (5, 3) => [RateLimited],
        (5, 1 or 2 or 4) when operation != Operation.Auth => operation == Operation.Data ? [DataRefused] : [CommandRefused],
        (6, 7 or 8 or 9) => [CommandRefused],
        (7, 4 or 8 or 9 or 12 or 13) => [AuthRefused],
        (7, 10 or 11 or 30) => [TlsRequired],
        (7, >= 20 and <= 26 or 29) => [DomainAuthenticationFailed],
        (7, 27) => [SenderRefused],
        (7, 28) => [RateLimited],
        _ => null,
    };

    private static Diagnosis[] ByCode(Operation? operation, int code) => (operation, code) switch
    {
        (Operation.StartTls, _) => [TlsRefused],
        (_, 421) => [RelayClosing],
        // RFC 4954 4.7.12: the user must act; trying again does not help.
        (Operation.Auth, 432) => [AuthRefused],
        (Operation.Auth, < 500) => [RelayInternalError],
        (Operation.Auth, 538) or (_, 523) => code == 538 ? [TlsRequired] : [TooLarge],
        (Operation.Auth, 503) => [CommandRefused],
        (Operation.Auth, _) or (_, 534 or 535 or 525) => [AuthRefused],
        (_, 530) => [AuthRequired, TlsRequired],
        (_, 500 or 501 or 502 or 504 or 555) => [CommandRefused],
        (Operation.Data, _) => [DataRefused],
        (_, 503) => [CommandRefused],
        (Operation.Mail, 452) => [StorageFull],
        (Operation.Mail, 552) => [TooLarge],
        (Operation.Mail, 553) => [SenderRefused],
        (Operation.Mail, < 500) => [RelayInternalError, RateLimited, Greylisted, SenderRefused],
        (Operation.Mail, _) => [SenderRefused, Blocklisted, PolicyRefused, AuthRequired],
        (_, 551) => [RelayDenied],
        (_, 556) => [RecipientUnknown],
        (Operation.Rcpt, 552) => [MailboxFull],
        (Operation.Rcpt, 452) => [RateLimited, MailboxFull, StorageFull],
        (Operation.Rcpt, < 500) => [Greylisted, RateLimited, RelayInternalError],
        (Operation.Rcpt, _) => [RecipientUnknown, RelayDenied, Blocklisted, PolicyRefused],
        (_, 452) => [StorageFull, MailboxFull, RateLimited],
        (_, 552) => [TooLarge, MailboxFull],
        (_, < 500) => [RelayInternalError, Greylisted, RateLimited],
        (Operation.Ehlo, _) => [CommandRefused, PolicyRefused],
        _ => [SpamRefused, PolicyRefused, DomainAuthenticationFailed, Blocklisted],
    };
}
