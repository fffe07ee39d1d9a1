using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using SmtpProxy.Codes;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Transport.ProxyProtocol;
using SmtpProxy.Upstreams.Preamble;
using SmtpProxy.Upstreams.Probing;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Inspection;

/// <summary>
/// Goes through a dialogue with a server as a client would, up to the 354 that asks for the message, and no further. After 354 there is one
/// way out that sends nothing: the connection is closed before the first octet, and the server must forget
/// the transaction (RFC 5321 4.1.1.10).
/// </summary>
/// <param name="connect">Connects.</param>
/// <param name="lookup">Asks for addresses.</param>
/// <param name="time">The clock.</param>
internal sealed class Walk(RelayConnector connect, NameLookup lookup, TimeProvider time)
{
    /// <summary>Below this many days the end of a certificate is worth a warning.</summary>
    private const int SoonDays = 14;

    /// <summary>Walks; whatever goes wrong is in the result.</summary>
    /// <exception cref="OperationCanceledException">Nobody wants to know any more.</exception>
    public async Task<WalkResult> RunAsync(WalkPlan plan, CancellationToken cancel)
    {
        var way = new WalkDiary(time);
        var facts = new WalkFacts(plan.Address.Port);
        var result = new WalkResult(plan, time.GetUtcNow(), way.Steps);
        try
        {
            var (address, talk) = await ReachAsync(plan, way, facts, cancel).ConfigureAwait(false);
            if (talk is not null)
            {
                result = result with { Address = address, Local = talk.Local };
                await using (talk.ConfigureAwait(false))
                {
                    result = await SpeakAsync(plan, way, facts, talk, result, cancel).ConfigureAwait(false);
                }
            }
        }
        catch (TalkBrokenException e)
        {
            way.Fail(e.Message);
            facts.Broke(e, way.Current);
        }
        catch (AuthenticationException e)
        {
            way.Fail(e.Message);
            facts.Insecure((e as SecurityFailedException)?.Type ?? Tls.TlsFailure.Malformed);
        }

        return result with { Finding = facts.Conclude(), Tls = facts.Tls, Offers = facts.Offers, Warnings = WarningsOf(plan, facts) };
    }

    private async Task<(IPEndPoint? Address, ServerTalk? Talk)> ReachAsync(WalkPlan plan, WalkDiary way, WalkFacts facts,
        CancellationToken cancel)
    {
        IPAddress[] addresses;
        if (plan.Address.EndPoint is { } literal)
        {
            addresses = [literal.Address];
        }
        else
        {
            way.Begin("dns", null, plan.Address.Host);
            try
            {
                using var limit = Limit(plan, cancel);
                addresses = await lookup(plan.Address.Host, limit.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                way.Fail(e is SocketException ? e.Message : "no answer in time");
                facts.NotConnected(Protocol.Connections.DialOutcome.NameUnresolved, null);
                return default;
            }

            way.End(note: string.Join(", ", addresses.Select(static a => a.ToString())));
        }

        foreach (var address in addresses)
        {
            var at = new IPEndPoint(address, plan.Address.Port);
            way.Begin("connect", Operation.Connect, null);
            try
            {
                using var limit = Limit(plan, cancel);
                var (stream, local) = await connect(at, limit.Token).ConfigureAwait(false);
                way.End(note: $"{at} from {local}");
                facts.Connected(at);
                return (at, new ServerTalk(stream, local, plan.Patience, time));
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                way.Fail($"{at}: {(e is SocketException ? e.Message : "no answer in time")}");
                facts.NotConnected(WalkFacts.OutcomeOf(e as SocketException), at);
            }
        }

        return default;
    }

    private static async Task<WalkResult> SpeakAsync(WalkPlan plan, WalkDiary way, WalkFacts facts, ServerTalk talk, WalkResult result,
        CancellationToken cancel)
    {
        var at = result.Address!;
        var name = plan.Name ?? LocalName(talk.Local);
        if (plan.Header != ProxyVersion.None)
        {
            await talk.SendAsync(ProxyHeaderWriter.ForOwn(plan.Header, talk.Local, at), cancel).ConfigureAwait(false);
        }

        if (plan.Address.IsImplicitTls)
        {
            await SecureAsync(plan, way, facts, talk, cancel).ConfigureAwait(false);
        }

        way.Begin("greeting", Operation.Greeting, null);
        var greeting = await talk.HearAsync(cancel).ConfigureAwait(false);
        way.End(greeting);
        facts.HasGreeted();
        if (!facts.Took(Operation.Greeting, greeting))
        {
            await PartAsync(way, talk, cancel).ConfigureAwait(false);
            return result;
        }

        async Task<bool> HelloAsync()
        {
            var hello = await AskAsync("ehlo", Operation.Ehlo, $"{plan.Hello} {name}").ConfigureAwait(false);
            facts.Offered(hello.IsPositive ? EhloOffer.Read(hello.Octets) : []);
            return facts.Took(Operation.Ehlo, hello);
        }

        async Task<HeardReply> AskAsync(string step, Operation operation, string line)
        {
            way.Begin(step, operation, line);
            var reply = await talk.AskAsync(line, cancel).ConfigureAwait(false);
            way.End(reply);
            return reply;
        }

        async Task<bool> TryAsync(string step, Operation operation, string line) =>
            facts.Took(operation, await AskAsync(step, operation, line).ConfigureAwait(false));

        async Task<bool> TlsAsync()
        {
            if (!facts.Offers.Any(IsStartTls))
            {
                way.Begin("starttls", Operation.StartTls, null);
                way.Fail("not offered, and required");
                facts.Insecure(Tls.TlsFailure.Refused);
                return false;
            }

            if (!await TryAsync("starttls", Operation.StartTls, "STARTTLS").ConfigureAwait(false))
            {
                return false;
            }

            await SecureAsync(plan, way, facts, talk, cancel).ConfigureAwait(false);
            return facts.IsWell && await HelloAsync().ConfigureAwait(false);
        }

        var wantsTls = !plan.Address.IsImplicitTls && plan.StartTls != TlsWish.Never;
        var isWell = facts.IsWell && await HelloAsync().ConfigureAwait(false)
            && (!wantsTls || (plan.StartTls == TlsWish.Offered && !facts.Offers.Any(IsStartTls)) || await TlsAsync().ConfigureAwait(false))
            && await TryAsync("mail", Operation.Mail, $"MAIL FROM:<{plan.From}>").ConfigureAwait(false)
            && await TryAsync("rcpt", Operation.Rcpt, $"RCPT TO:<{plan.To}>").ConfigureAwait(false);
        if (isWell && !plan.StopsBeforeData && facts.TookData(await AskAsync("data", Operation.Data, "DATA").ConfigureAwait(false)))
        {
            way.Begin("close", null, null);
            way.End(note: "closed after 354: no octet of a message was sent, and no end of data");
            return result;
        }

        if (facts is { InTransaction: true, IsClosing: false })
        {
            await AskAsync("rset", Operation.Rset, "RSET").ConfigureAwait(false);
        }

        await PartAsync(way, talk, cancel).ConfigureAwait(false);
        return result;
    }

    private static async Task SecureAsync(WalkPlan plan, WalkDiary way, WalkFacts facts, ServerTalk talk, CancellationToken cancel)
    {
        way.Begin("tls_handshake", Operation.TlsHandshake, null);
        var seen = await talk.SecureAsync(plan.Tls, cancel).ConfigureAwait(false);
        facts.Secured(seen, mustBelieve: plan.StartTls == TlsWish.Required || plan.Address.IsImplicitTls);
        if (facts.IsWell)
        {
            way.End(note: $"{seen.Version} {seen.Cipher}");
        }
        else
        {
            way.Fail($"{seen.Version} {seen.Cipher}, and the certificate is not believed: {seen.Problem!.Words}");
        }
    }

    private static async Task PartAsync(WalkDiary way, ServerTalk talk, CancellationToken cancel)
    {
        way.Begin("quit", Operation.Quit, "QUIT");
        try
        {
            way.End(await talk.AskAsync("QUIT", cancel).ConfigureAwait(false));
        }
        catch (TalkBrokenException e)
        {
            // All that was asked is answered.
            way.End(note: e.Message);
        }
    }

    private static string[] WarningsOf(WalkPlan plan, WalkFacts facts) =>
    [
        .. facts is { IsWell: true, Tls.Problem: { } problem } ? (string[])[$"the certificate is not believed: {problem.Words}"] : [],
        .. facts.Tls?.DaysLeft(DateTimeOffset.UtcNow) is { } days and < SoonDays and >= 0
        ? (string[])[$"a certificate of the chain ends in {days} days"] : [],
        .. facts is { Tls: null, Offers.Count: > 0 } && plan.StartTls != TlsWish.Never && !facts.Offers.Any(IsStartTls)
        ? (string[])["everything was said in the clear: the server offers no STARTTLS"] : [],
    ];

    /// <summary>This host's name where it is one of DNS; otherwise the address that the server sees.</summary>
    internal static string LocalName(EndPoint local) =>
        Environment.MachineName is { } name && name.Contains('.', StringComparison.Ordinal) ? name
        : local is IPEndPoint { Address: var address }
        ? address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{address}]" : $"[{address}]"
        : "localhost";

    /// <summary>The keyword of a line of the reply to EHLO, in upper case.</summary>
    internal static string Keyword(string offer) => offer.Split(' ', 2)[0].ToUpperInvariant();

    private static bool IsStartTls(string offer) => Keyword(offer) == "STARTTLS";

    private static CancellationTokenSource Limit(WalkPlan plan, CancellationToken cancel)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(plan.Patience);
        return limit;
    }
}
