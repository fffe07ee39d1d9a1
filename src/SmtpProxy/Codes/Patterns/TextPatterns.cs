using System.Text.RegularExpressions;

namespace SmtpProxy.Codes.Patterns;

/// <summary>The patterns of <c>texts.json</c> as code, which the compiler makes. Made when the first session of a process was refused, they
/// took half a second of its loop, and 60 MB for good.</summary>
/// <remarks>None repeats a group or a dot without a bound: what they cost is linear in the text, which strangers write.</remarks>
internal static partial class TextPatterns
{
    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    private static readonly Dictionary<string, Regex> All = ((Regex[])
    [
        AuthRefusedA(), AuthRefusedB(), AuthRefusedC(), AuthRequiredA(), AuthRequiredB(), BlocklistedA(), BlocklistedB(),
        CommandRefused(), DataRefused(), DomainAuthenticationFailed(), GreylistedA(), GreylistedB(), MailboxFull(),
        PipeliningRefusedA(), PipeliningRefusedB(), PipeliningRefusedC(), PipeliningRefusedD(), PipeliningRefusedE(),
        PipeliningRefusedF(), PolicyRefusedA(), PolicyRefusedB(), PolicyRefusedC(), ProxyHeaderMissingA(), ProxyHeaderMissingB(),
        ProxyHeaderMissingC(), RateLimitedA(), RateLimitedB(), RateLimitedC(), RateLimitedD(), RecipientUnknownA(),
        RecipientUnknownB(), RelayClosingA(), RelayClosingB(), RelayClosingC(), RelayDenied(), RelayInternalErrorA(),
        RelayInternalErrorB(), RelayInternalErrorC(), SenderRefused(), SpamRefused(), StorageFull(), TlsRefused(), TlsRequiredA(),
        TlsRequiredB(), TlsRequiredC(), TlsRequiredD(), TooLarge(), TooManyConnections(), VirusRefusedA(), VirusRefusedB(),
    ]).ToDictionary(static pattern => pattern.ToString(), StringComparer.Ordinal);

    /// <summary>The code of a pattern.</summary>
    public static Regex Of(string pattern) => All.GetValueOrDefault(pattern)
        ?? throw new InvalidDataException($"texts.json: no code for the pattern '{pattern}'");

    [GeneratedRegex(@"smtpclientauthentication is disabled|basic authentication is disabled", Options)]
    private static partial Regex AuthRefusedA();

    [GeneratedRegex(@"username and password not accepted|application-specific password|please log in (with|via) your web "
        + @"browser|invalid second factor", Options)]
    private static partial Regex AuthRefusedB();

    [GeneratedRegex(@"incorrect authentication data|sasl [a-z0-9-]+ authentication failed|authentication (failed|unsuccessful|"
        + @"failure|credentials invalid|rejected)|invalid (credentials|login|user ?name or password)|bad (username|"
        + @"credentials|login)|auth(entication)? (is )?(disabled|not enabled)|too many (bad auth|auth(entication)?( "
        + @"commands| failures)?)", Options)]
    private static partial Regex AuthRefusedC();

    [GeneratedRegex(@"client (was|is) not authenticated|5\.7\.57|not authenticated to send (anonymous )?mail", Options)]
    private static partial Regex AuthRequiredA();

    [GeneratedRegex(@"must issue an auth command first|authentication (is )?required|auth(entication)? required|smtp "
        + @"authentication is required|turn on smtp authentication|unauthenticated senders? not allowed|"
        + @"authenticate (first|before)|you must (first )?(log ?in|authenticate)|log ?in to use", Options)]
    private static partial Regex AuthRequiredB();

    [GeneratedRegex(@"spamhaus|spamcop|barracuda(central)?|sorbs|dnsbl|\brbl\b|\bzen\.|blocked using|black-?list|block-?list|"
        + @"\[bl[0-9]+\]|(ip|address|host|client|sender|server) (is |was |has been )?(banned|blacklisted|blocked)|"
        + @"banned sending ip|blocked ip|traffic not accepted from this ip|poor reputation|low reputation|bad "
        + @"reputation|very low reputation|\(S3140\)|\(S3150\)|not accepting (mail|connections) from your|block list", Options)]
    private static partial Regex BlocklistedA();

    [GeneratedRegex(@"part of their network is on our block list|has been temporarily blocked|temporarily rate limited due to "
        + @"ip reputation", Options)]
    private static partial Regex BlocklistedB();

    [GeneratedRegex(@"command (not (recognized|implemented|supported|allowed)|unrecognized|unknown)|unrecognized command|"
        + @"syntax(:| error)|bad (command )?sequence|need mail command|send (helo|ehlo)|unsupported (option|"
        + @"parameter)|parameter(s)? (not|unrecognized)|send hello first|nested mail|sender already", Options)]
    private static partial Regex CommandRefused();

    [GeneratedRegex(@"no valid recipients|need rcpt|rcpt first|valid rcpt command|no recipients? specified|rcpt.{0,12}(before|"
        + @"must precede)|need mail (before|command)", Options)]
    private static partial Regex DataRefused();

    [GeneratedRegex(@"\bdmarc\b|\bspf\b|\bdkim\b|unauthenticated (email|mail)|not pass authentication|does not have "
        + @"authentication information|fails? to pass authentication|sender authentication|authentication checks?|"
        + @"5\.7\.(20|21|22|23|24|26|509)\b|\(#5\.7\.26\)|no (ptr|reverse)|\bptr\b|reverse (dns|hostname|mapping|"
        + @"lookup)|cannot find your (reverse )?hostname|ip name lookup failed|fcrdns", Options)]
    private static partial Regex DomainAuthenticationFailed();

    [GeneratedRegex(@"gr[ea]y-?list|temporarily deferred.{0,40}greylist|first encounter|intentionally deferred", Options)]
    private static partial Regex GreylistedA();

    [GeneratedRegex(@"(unknown|new) (sender|triplet).{0,40}(try|come) (again|back)|please (try again|retry) (in|after) (a few|"
        + @"[0-9]+) (minutes?|seconds?)|try again in [0-9]+ (minutes|seconds)", Options)]
    private static partial Regex GreylistedB();

    [GeneratedRegex(@"(mail)?box (is |has )?(full|exceeded|over)|over ?quota|quota.{0,20}exceeded|exceeded.{0,24}(quota|"
        + @"storage)|(is|are) over (the |its |their )?(storage )?quota|out of storage|insufficient (mailbox "
        + @")?storage.{0,20}user|exceeds? (the )?(mail)?box|not enough (mailbox )?(space|storage).{0,20}(mail)?box|"
        + @"mailbox storage limit|quota full|user.{0,20}over quota", Options)]
    private static partial Regex MailboxFull();

    [GeneratedRegex(@"improper (use of smtp )?command pipelining", Options)]
    private static partial Regex PipeliningRefusedA();

    [GeneratedRegex(@"synchroni[sz]ation error", Options)]
    private static partial Regex PipeliningRefusedB();

    [GeneratedRegex(@"^(5\.5\.1 )?protocol error *$", Options)]
    private static partial Regex PipeliningRefusedC();

    [GeneratedRegex(@"i can break rules, too", Options)]
    private static partial Regex PipeliningRefusedD();

    [GeneratedRegex(@"pipelining not supported", Options)]
    private static partial Regex PipeliningRefusedE();

    [GeneratedRegex(@"no commands allowed to pipeline after starttls|commands? (sent|before).{0,20} (greeting|banner)", Options)]
    private static partial Regex PipeliningRefusedF();

    [GeneratedRegex(@"multiple addresses in from|from: header|header error|bare (lf|line ?feed|newline)|rfc ?[25][38]22|not "
        + @"rfc 2822 compliant|improper use of 8-bit|lines? (is )?too long|maximum allowed line length", Options)]
    private static partial Regex PolicyRefusedA();

    [GeneratedRegex(@"helo.{0,30}(rejected|invalid|denied|argument)|syntactically invalid (helo|ehlo)|need fully-?qualified "
        + @"hostname", Options)]
    private static partial Regex PolicyRefusedB();

    [GeneratedRegex(@"(security|local|email|site|content) polic(y|ies)|policy (reasons|violation|rejection|restriction)|"
        + @"violates.{0,30}policy|against policy|5\.7\.750|access denied|client host rejected|prohibited|"
        + @"administrative(ly)? (prohibition|denied)|not permitted|rejected by (policy|rule|administrator)|"
        + @"transport\.rules|not allowed", Options)]
    private static partial Regex PolicyRefusedC();

    [GeneratedRegex(@"^(4\.3\.0 )?[^ ]+ server local error *$", Options)]
    private static partial Regex ProxyHeaderMissingA();

    [GeneratedRegex(@"^(4\.3\.2 )?no system resources *$", Options)]
    private static partial Regex ProxyHeaderMissingB();

    [GeneratedRegex(@"required proxy negotiation failed", Options)]
    private static partial Regex ProxyHeaderMissingC();

    [GeneratedRegex(@"receiving (mail|email|messages)s? (too quickly|at a rate)|user is receiving", Options)]
    private static partial Regex RateLimitedA();

    [GeneratedRegex(@"unusual rate of|rate (that|of) |rate.?limit|too (many|much) (messages|mail|recipients from)|message "
        + @"rate|(sending|sender|submission|daily|hourly|user|relay|quota).{0,24}(limit|rate).{0,12}exceeded|daily "
        + @"(user |sending )?(sending )?(limit|quota)|exceeded (the |your |its )?(maximum |allowed |daily |hourly |"
        + @"sending )|recipient thread limit|submission (quota|rate)|throttl|frequency limited|slow down|max(imum)? "
        + @"messages? per (connection|session)|too many messages in this connection", Options)]
    private static partial Regex RateLimitedB();

    [GeneratedRegex(@"\[tss?[0-9]+\]|unexpected volume or user complaints|temporarily deferred due to", Options)]
    private static partial Regex RateLimitedC();

    [GeneratedRegex(@"too many (recipients|rcpts?)|too many (hops|received)", Options)]
    private static partial Regex RateLimitedD();

    [GeneratedRegex(@"user unknown|unknown (user|recipient|mailbox|local part|address)|no such (user|mailbox|recipient|person|"
        + @"address|account|local user)|(user|mailbox|recipient|account|address)( name)? (does not|doesn.t|not) "
        + @"(exist|found|known)|does not exist|doesn.t have an? .{1,60} account|recipnotfound|recipientnotfound|no "
        + @"mailbox (here )?by that name|invalid (recipient|mailbox|user|address)|mailbox (is )?(unavailable|not "
        + @"found|inactive|disabled|frozen)|(account|mailbox|recipient|user).{0,40}(is |has been )?(disabled|"
        + @"inactive|suspended|deactivated|closed)|recipient no longer|recipient (address )?unknown|not a (valid|"
        + @"known) (user|mailbox|recipient)|no user|unrouteable address|unroutable|no (such )?recipient|user (is "
        + @")?not local|bad destination (mailbox|address)|undeliverable address|unverified address|recipient "
        + @"address rejected: (access denied|undeliverable)|destinataire invalide|badrcptto|is not deliverable|all "
        + @"recipients.{0,20}(failed|invalid)", Options)]
    private static partial Regex RecipientUnknownA();

    [GeneratedRegex(@"domain not found|host (or domain )?(name )?(not found|unknown)|null mx|does not accept mail|domain does "
        + @"not (exist|accept)|bad destination system|no mx", Options)]
    private static partial Regex RecipientUnknownB();

    [GeneratedRegex(@"timeout exceeded|command timeout|timed? ?out|idle (timeout|too long)|timeout ?[-:]", Options)]
    private static partial Regex RelayClosingA();

    [GeneratedRegex(@"too many (errors|unrecognized|syntax|nonmail|bad)|too many .{0,24}commands", Options)]
    private static partial Regex RelayClosingB();

    [GeneratedRegex(@"shutting down|service (is )?(un|not )available|closing (connection|transmission)|server closing|going "
        + @"down|not accepting (network )?(messages|connections|mail)|smtp service not available|try again later", Options)]
    private static partial Regex RelayClosingC();

    [GeneratedRegex(@"relay(ing)? (access |is )?(denied|not permitted|prohibited|not allowed)|unable to relay|not permitted "
        + @"to ?relay|relay not permitted|relaying (to|is|mail)|we do not relay|cannot relay|no relaying|isn.t in "
        + @"my list of allowed rcpthosts|relay access|not (a )?local (domain|user).{0,30}relay|attempted relay|not "
        + @"our customer|invalid recipient domain|domain isn.t", Options)]
    private static partial Regex RelayDenied();

    [GeneratedRegex(@"temporary authentication failure|unable to authenticate at present|cannot authenticate due to (a "
        + @")?temporary", Options)]
    private static partial Regex RelayInternalErrorA();

    [GeneratedRegex(@"too much load|server (too )?busy|system is too busy|load too high|load average|resources temporarily "
        + @"(un|not )available|temporarily unable to process", Options)]
    private static partial Regex RelayInternalErrorB();

    [GeneratedRegex(@"(local|temporary|internal|server|lookup|system) (local |server |system |internal |data ){0,3}(problem|"
        + @"error|failure|config)|temporary (system )?(problem|error|failure)|server configuration|queue file write "
        + @"error|error writing|local error|internal server error|upstream error|mail server temporarily rejected|"
        + @"temporary lookup|system config error|unexpected failure", Options)]
    private static partial Regex RelayInternalErrorC();

    [GeneratedRegex(@"(sender|mail ?from|return-?path|envelope sender|from address).{0,80}(rejected|denied|refused|not owned|"
        + @"not allowed|blocked|unknown|invalid|verify|does not (exist|resolve)|not exist|unresolvable)|sender "
        + @"verify|badmailfrom|does not resolve to an? mail|domain of sender|bad sender|not owned by user|send as|"
        + @"sendas|unresolvable (sender )?domain|sender (domain|address)", Options)]
    private static partial Regex SenderRefused();

    [GeneratedRegex(@"spam|unsolicited|junk|bulk mail|5\.7\.703|message content (rejected|refused)|content rejected|rejected "
        + @"due to content|identified as (bulk|junk)|phish|message (was )?rejected as", Options)]
    private static partial Regex SpamRefused();

    [GeneratedRegex(@"insufficient (system )?(storage|disk)|insufficient (disk )?space|space shortage|disk (is )?full|no "
        + @"space|queue (is )?full|insufficient system resources|low on (disk )?space|out of (disk )?space", Options)]
    private static partial Regex StorageFull();

    [GeneratedRegex(@"(tls (is )?(not|currently un)available|tls not available due to local problem|need to be using tls|"
        + @"could not start tls|too many new tls sessions)", Options)]
    private static partial Regex TlsRefused();

    [GeneratedRegex(@"must issue a starttls command first|starttls (is )?required|must use tls|requires? (a )?(tls|secure|"
        + @"encrypted) (connection|session)|session encryption is required", Options)]
    private static partial Regex TlsRequiredA();

    [GeneratedRegex(@"tls required for rcpt domain|tls (is )?required", Options)]
    private static partial Regex TlsRequiredB();

    [GeneratedRegex(@"encryption required for requested authentication", Options)]
    private static partial Regex TlsRequiredC();

    [GeneratedRegex(@"sending mail over an unencrypted|without an encrypted connection", Options)]
    private static partial Regex TlsRequiredD();

    [GeneratedRegex(@"message (size |is |was )?(size )?(exceeds?|too (large|big)|larger than)|(exceeds?|"
        + @"exceeded).{0,30}(message )?size|size (exceeds|limit)|too (much|many) (mail )?data|message too (big|"
        + @"large)|exceeded.{0,12}message size|max(imum)? message size", Options)]
    private static partial Regex TooLarge();

    [GeneratedRegex(@"too many (concurrent |simultaneous |open )?(smtp )?(connections|sessions)|connection (limit|rate)|"
        + @"connection rate limit|concurrent connections? limit|maximum (number of )?connections|all server ports "
        + @"are busy", Options)]
    private static partial Regex TooManyConnections();

    [GeneratedRegex(@"virus|malware|trojan|infected|\bclam", Options)]
    private static partial Regex VirusRefusedA();

    [GeneratedRegex(@"illegal attachment|banned (file|content|name|attachment)|attachment.{0,40}(not allowed|blocked|rejected|"
        + @"type)|content presents a potential|executable", Options)]
    private static partial Regex VirusRefusedB();
}
