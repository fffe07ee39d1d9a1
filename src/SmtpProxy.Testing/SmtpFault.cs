using System.Globalization;
using System.Text.Json.Nodes;

namespace SmtpProxy.Testing;

/// <summary>A fault: where, when, and what. Each member returns another fault and changes none, so that one may be the beginning of
/// several.</summary>
public sealed class SmtpFault
{
    private readonly JsonObject _rule;

    private SmtpFault(JsonObject rule) => _rule = rule;

    /// <summary>Begins a fault.</summary>
    /// <param name="point">Where it strikes.</param>
    public static SmtpFault At(SmtpPoint point) =>
        new(new JsonObject { ["at"] = point == SmtpPoint.StartTls ? "starttls" : Camel(point) });

    /// <summary>Only the first occasions.</summary>
    /// <param name="count">How many.</param>
    /// <param name="per">What is counted apart.</param>
    public SmtpFault First(int count, SmtpScope per = SmtpScope.Rule) => Occurring("first", count, per);

    /// <summary>Not the first occasions.</summary>
    /// <param name="count">How many are left alone.</param>
    /// <param name="per">What is counted apart.</param>
    public SmtpFault After(int count, SmtpScope per = SmtpScope.Rule) => Occurring("after", count, per);

    /// <summary>Every n-th occasion.</summary>
    /// <param name="n">2: every second.</param>
    /// <param name="per">What is counted apart.</param>
    public SmtpFault Every(int n, SmtpScope per = SmtpScope.Rule) => Occurring("every", n, per);

    /// <summary>Only these occasions.</summary>
    /// <param name="numbers">Counted from 1.</param>
    public SmtpFault Nth(params int[] numbers) =>
        Occurring("nth", new JsonArray([.. numbers.Select(static n => (JsonNode)n)]), SmtpScope.Rule);

    /// <summary>Not more often than so.</summary>
    public SmtpFault AtMost(int count) => With("budget", "maxInjections", count);

    /// <summary>A share of the occasions, drawn by the proxy's seed.</summary>
    /// <param name="probability">From 0 to 1.</param>
    public SmtpFault WithProbability(double probability) => With("probability", probability);

    /// <summary>Only for these senders.</summary>
    /// <param name="patterns">Addresses, in which * stands for any text, or <c>domain:example.org</c>.</param>
    public SmtpFault FromSenders(params string[] patterns) => With("match", "mailFrom", Texts(patterns));

    /// <summary>Only for these recipients.</summary>
    /// <param name="patterns">Addresses, in which * stands for any text, or <c>domain:example.org</c>.</param>
    public SmtpFault ToRecipients(params string[] patterns) => With("match", "rcptTo", Texts(patterns));

    /// <summary>At <see cref="SmtpPoint.DataBody"/>: when so much of the message has passed.</summary>
    /// <param name="octets">From 1.</param>
    public SmtpFault AfterOctets(int octets) => With("afterBytes", octets);

    /// <summary>A refusal in place of the relay, which never gets the command.</summary>
    /// <param name="code">From 400 to 599.</param>
    /// <param name="enhanced">The enhanced status code, such as 4.7.1; null: none.</param>
    /// <param name="text">Its text; null: one that says that it is a fault.</param>
    /// <param name="end">What follows it; null: the session goes on.</param>
    public SmtpFault Reply(int code, string? enhanced = null, string? text = null, SmtpEnd? end = null)
    {
        var members = Refusal(code, enhanced, text);
        if (end is { } its)
        {
            members["close"] = Camel(its);
        }

        return Does("reply", members);
    }

    /// <summary>Holds the reply, and then lets all go on unchanged.</summary>
    /// <param name="time">How long.</param>
    public SmtpFault Delay(TimeSpan time) => Does("delay", new() { ["duration"] = Text(time) });

    /// <summary>Continuation lines trickle before the real reply.</summary>
    /// <param name="interval">Between two.</param>
    /// <param name="lines">How many.</param>
    public SmtpFault Drip(TimeSpan interval, int lines) =>
        Does("tarpit", new() { ["mode"] = "lines", ["interval"] = Text(interval), ["count"] = lines });

    /// <summary>Nothing comes any more.</summary>
    /// <param name="time">How long; null: until the client leaves.</param>
    public SmtpFault Stall(TimeSpan? time = null) =>
        Does("stall", time is { } its ? new() { ["duration"] = Text(its) } : new() { ["untilPeerCloses"] = true });

    /// <summary>Lets so many octets pass in a second, in each direction.</summary>
    public SmtpFault Throttle(int octetsPerSecond) => Does("throttle", new() { ["bytesPerSecond"] = octetsPerSecond });

    /// <summary>Ends the session where the reply would have been.</summary>
    public SmtpFault Close(SmtpEnd end = SmtpEnd.Fin) => Does("close", new() { ["how"] = Camel(end) });

    /// <summary>Says 421 and ends the session.</summary>
    public SmtpFault CloseBy421() => Does("close", new() { ["how"] = "421" });

    /// <summary>The reply is cut off, and the connection ends.</summary>
    /// <param name="octets">How many octets of it still come.</param>
    /// <param name="end">How it ends.</param>
    public SmtpFault Truncate(int octets, SmtpEnd end = SmtpEnd.Fin) =>
        Does("truncateReply", new() { ["bytes"] = octets, ["then"] = Camel(end) });

    /// <summary>The reply's syntax is damaged.</summary>
    public SmtpFault Malform(SmtpDamage kind) => Does("malformReply", new() { ["kind"] = Camel(kind) });

    /// <summary>Every mail is put off until its sender comes back (RFC 6647). At <see cref="SmtpPoint.Rcpt"/>.</summary>
    /// <param name="after">How late it must come back.</param>
    public SmtpFault Greylist(TimeSpan after) =>
        Does("greylist", new() { ["minDelay"] = Text(after), ["window"] = Text(after + TimeSpan.FromHours(4)) });

    /// <summary>Capabilities are missing from the reply to EHLO. At <see cref="SmtpPoint.Ehlo"/>.</summary>
    /// <param name="capabilities">Such as STARTTLS.</param>
    public SmtpFault Hide(params string[] capabilities) => Does("editCapabilities", new() { ["remove"] = Texts(capabilities) });

    /// <summary>The relay takes the message, and the client never hears of it (RFC 1047). At <see cref="SmtpPoint.EndOfData"/>.</summary>
    public SmtpFault LoseAcknowledgement(SmtpEnd end = SmtpEnd.Reset) => Does("ackLoss", new() { ["then"] = Camel(end) });

    /// <summary>The message is refused, and the relay does not have it. At <see cref="SmtpPoint.EndOfData"/>.</summary>
    /// <param name="code">From 400 to 599.</param>
    /// <param name="enhanced">The enhanced status code, such as 5.7.1; null: none.</param>
    /// <param name="text">Its text; null: one that says so.</param>
    public SmtpFault RejectMessage(int code, string? enhanced = null, string? text = null) =>
        Does("rejectMessage", Refusal(code, enhanced, text));

    /// <summary>The client is told that the message was taken, and the relay never has it. At <see cref="SmtpPoint.EndOfData"/>.</summary>
    public SmtpFault Lose() => Does("blackhole", []);

    /// <summary>The relay cannot be reached. At <see cref="SmtpPoint.Dial"/>.</summary>
    public SmtpFault FailDial(SmtpDialFailure how = SmtpDialFailure.Refused) => Does("dialFail", new() { ["how"] = Camel(how) });

    /// <summary>220 to STARTTLS, and then no TLS that should be used. At <see cref="SmtpPoint.StartTls"/>.</summary>
    public SmtpFault BreakTls(SmtpTlsFlaw how) => Does("starttlsBreak", new() { ["how"] = Camel(how) });

    /// <summary>Any action of docs/faults.md.</summary>
    /// <param name="type">Its name, such as <c>limit</c>.</param>
    /// <param name="members">Its members; null: none.</param>
    public SmtpFault Does(string type, JsonObject? members = null)
    {
        var action = new JsonObject { ["type"] = type };
        foreach (var (name, value) in members ?? [])
        {
            action[name] = value?.DeepClone();
        }

        return With("action", action);
    }

    /// <summary>The rule as the proxy's API takes it.</summary>
    public override string ToString() => _rule.ToJsonString();

    internal JsonObject ToRule() => (JsonObject)_rule.DeepClone();

    private static JsonObject Refusal(int code, string? enhanced, string? text)
    {
        var members = new JsonObject { ["code"] = code };
        if (enhanced is not null)
        {
            members["enhanced"] = enhanced;
        }

        if (text is not null)
        {
            members["text"] = text;
        }

        return members;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(static t => (JsonNode)t)];

    private static string Text(TimeSpan time) => time.ToString("c", CultureInfo.InvariantCulture);

    private static string Camel<T>(T name) where T : struct, Enum => name.ToString() is var text
        ? char.ToLowerInvariant(text[0]) + text[1..] : "";

    private SmtpFault Occurring(string name, JsonNode value, SmtpScope per) =>
        With("occurrence", name, value).With("occurrence", "scope", Camel(per));

    private SmtpFault With(string name, JsonNode value)
    {
        var rule = ToRule();
        rule[name] = value;
        return new SmtpFault(rule);
    }

    private SmtpFault With(string inside, string name, JsonNode value)
    {
        var rule = ToRule();
        var members = rule[inside] as JsonObject;
        if (members is null)
        {
            rule[inside] = members = [];
        }

        members[name] = value;
        return new SmtpFault(rule);
    }
}
