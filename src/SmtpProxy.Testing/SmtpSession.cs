using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Testing;

/// <summary>A session that has ended, as the proxy saw it.</summary>
public sealed class SmtpSession
{
    private readonly SeenSession _seen;

    internal SmtpSession(SeenSession seen)
    {
        _seen = seen;
        Exchanges = [.. seen.Exchanges.Select(static e => new SmtpExchange(
            e.Verb, e.Code, e.Ms is { } ms ? TimeSpan.FromMilliseconds(ms) : null))];
        Mails = [.. seen.Tries.Select(static t => new SmtpMail(t.From, t.To, t.MessageId, (SmtpMailEnd)t.End, t.IsTaken))];
        Strikes = [.. seen.Faults.Select(static f => new SmtpStrike(
            f.Rule ?? "", f.Action ?? "", f.Point ?? "", f.ClientCode, f.RelayCode))];
    }

    /// <summary>Its name, as in the journal.</summary>
    public string Id => _seen.Id;

    /// <summary>When its client connected.</summary>
    public DateTimeOffset Began => DateTimeOffset.UnixEpoch.AddSeconds(_seen.Began);

    /// <summary>From then to its end.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds(_seen.Ended - _seen.Began);

    /// <summary>How it ended: <c>quit</c>, <c>client_gone</c> and so on, as in the journal.</summary>
    public string Outcome => _seen.Outcome ?? "";

    /// <summary>What was wrong, by its code in docs/diagnosis.md; null: nothing.</summary>
    public string? Diagnosis => _seen.Diagnosis;

    /// <summary>Whether the client spoke TLS with the proxy.</summary>
    public bool IsSecure => _seen.IsSecure;

    /// <summary>The greeting, and every command with its reply, in order.</summary>
    public IReadOnlyList<SmtpExchange> Exchanges { get; }

    /// <summary>What the client tried to send: an entry for each message and recipient, or one for a try that did not come so
    /// far.</summary>
    public IReadOnlyList<SmtpMail> Mails { get; }

    /// <summary>Faults that struck it, in order.</summary>
    public IReadOnlyList<SmtpStrike> Strikes { get; }

    /// <summary>All of it, as the proxy's API has it.</summary>
    public string Json => _seen.Json.GetRawText();

    /// <summary>The commands and replies in short: <c>greeting 220, EHLO 250, MAIL 250</c>.</summary>
    public override string ToString() => string.Join(", ", Exchanges);
}

/// <summary>A command and its reply.</summary>
/// <param name="Verb">The command, such as MAIL; <c>greeting</c> for the first reply, and a dot for the end of a message.</param>
/// <param name="Code">What the client was told; null: nothing.</param>
/// <param name="Took">From the command to the end of the reply; null: there was none.</param>
public sealed record SmtpExchange(string Verb, int? Code, TimeSpan? Took)
{
    /// <summary>Command and code.</summary>
    public override string ToString() => FormattableString.Invariant($"{Verb} {(Code is { } code ? code : "-")}");
}

/// <summary>What a client was told of a message.</summary>
public enum SmtpMailEnd
{
    /// <summary>2yz: it was taken.</summary>
    Accepted,

    /// <summary>4yz: come back later.</summary>
    PutOff,

    /// <summary>5yz: never.</summary>
    Refused,

    /// <summary>Nothing: the connection ended before.</summary>
    Cut,
}

/// <summary>One try to send a message to one recipient.</summary>
/// <param name="From">The sender; null: it did not come so far.</param>
/// <param name="To">The recipient; null: it did not come so far.</param>
/// <param name="MessageId">The message's Message-ID; null: it has none, or did not come so far.</param>
/// <param name="Told">What the client was told.</param>
/// <param name="IsTaken">Whether the relay has it, whatever the client was told.</param>
public sealed record SmtpMail(string? From, string? To, string? MessageId, SmtpMailEnd Told, bool IsTaken);

/// <summary>A fault that struck a session.</summary>
/// <param name="Rule">The name under which it was armed.</param>
/// <param name="Action">What it did, such as <c>reply</c>.</param>
/// <param name="Point">Where, such as <c>rcpt</c>.</param>
/// <param name="ClientCode">What the client was told; null: nothing.</param>
/// <param name="RelayCode">What the relay really said; null: nothing.</param>
public sealed record SmtpStrike(string Rule, string Action, string Point, int? ClientCode, int? RelayCode);
