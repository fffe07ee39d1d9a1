using System.Net;
using SmtpProxy.Transport.ProxyProtocol;
using SmtpProxy.Upstreams.Preamble;
using SmtpProxy.Upstreams.Probing;

namespace SmtpProxy.Inspection.Card;

/// <summary>
/// Opens conversations with a server for those who look at one thing each, and keeps every reply. Each check has a conversation of its own,
/// because servers count mistakes and end the session.
/// </summary>
/// <param name="connect">Connects.</param>
/// <param name="at">The server.</param>
/// <param name="plan">How to speak with it.</param>
/// <param name="time">The clock.</param>
internal sealed class Examination(RelayConnector connect, IPEndPoint at, WalkPlan plan, TimeProvider time)
{
    /// <summary>Replies before that to QUIT that are worth telling; one who sends many may send them for ever.</summary>
    private const int MostBeforeQuit = 8;

    private readonly List<ServerTalk> _talks = [];

    /// <summary>How to speak with it.</summary>
    public WalkPlan Plan => plan;

    /// <summary>How long a server gets to show that it does something where it should do nothing.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Every reply so far, of all conversations.</summary>
    public IEnumerable<HeardReply> Heard => _talks.SelectMany(static talk => talk.Heard);

    /// <summary>What the server offers, inside TLS where the examination goes there.</summary>
    public IReadOnlyList<string> Offers { get; private set; } = [];

    /// <summary>What it offers in the clear.</summary>
    public IReadOnlyList<string> OffersInClear { get; private set; } = [];

    /// <summary>TLS as it was last spoken; null: it was not.</summary>
    public SecurityFacts? Tls { get; private set; }

    /// <summary>How MAIL FROM with the sender of the plan was answered.</summary>
    public HeardReply? Mail { get; set; }

    /// <summary>How often a server is allowed a mistake of ours before we believe that it has no limit.</summary>
    public int Mistakes { get; init; } = 25;

    /// <summary>The parameters of an offered keyword; null: it is not offered.</summary>
    public string? Offer(string keyword) =>
        Offers.FirstOrDefault(o => Walk.Keyword(o) == keyword) is { } offer
            ? offer.Length > keyword.Length ? offer[(keyword.Length + 1)..].Trim() : "" : null;

    /// <summary>A conversation up to the greeting.</summary>
    public async Task<(ServerTalk Talk, HeardReply Greeting)> GreetAsync(CancellationToken cancel)
    {
        var (stream, local) = await connect(at, cancel).ConfigureAwait(false);
        var talk = new ServerTalk(stream, local, plan.Patience, time);
        _talks.Add(talk);
        try
        {
            if (plan.Header != ProxyVersion.None)
            {
                await talk.SendAsync(ProxyHeaderWriter.ForOwn(plan.Header, local, at), cancel).ConfigureAwait(false);
            }

            Tls = plan.Address.IsImplicitTls ? await talk.SecureAsync(plan.Tls, cancel).ConfigureAwait(false) : Tls;
            return (talk, await talk.HearAsync(cancel).ConfigureAwait(false));
        }
        catch
        {
            await talk.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A conversation in which EHLO is answered, inside TLS where it is offered and wanted.</summary>
    public async Task<ServerTalk> BeginAsync(CancellationToken cancel)
    {
        var (talk, _) = await GreetAsync(cancel).ConfigureAwait(false);
        try
        {
            Offers = await HelloAsync(talk, cancel).ConfigureAwait(false);
            OffersInClear = plan.Address.IsImplicitTls ? [] : Offers;
            if (!plan.Address.IsImplicitTls && plan.StartTls != TlsWish.Never && Offer("STARTTLS") is not null
                && (await talk.AskAsync("STARTTLS", cancel).ConfigureAwait(false)).IsPositive)
            {
                Tls = await talk.SecureAsync(plan.Tls, cancel).ConfigureAwait(false);
                Offers = await HelloAsync(talk, cancel).ConfigureAwait(false);
            }

            return talk;
        }
        catch
        {
            await talk.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Says EHLO.</summary>
    /// <returns>What it offers.</returns>
    public async Task<IReadOnlyList<string>> HelloAsync(ServerTalk talk, CancellationToken cancel)
    {
        var reply = await talk.AskAsync($"{plan.Hello} {plan.Name ?? Walk.LocalName(talk.Local)}", cancel).ConfigureAwait(false);
        return reply.IsPositive ? EhloOffer.Read(reply.Octets)
            : throw new TalkBrokenException(TalkBreak.Closed, [], $"{plan.Hello} is answered with {reply.LastLine}");
    }

    /// <summary>Says QUIT after something, and tells which replies come before that to QUIT; closing counts as none.</summary>
    public static async Task<IReadOnlyList<HeardReply>> UntilQuitAsync(ServerTalk talk, CancellationToken cancel)
    {
        List<HeardReply> before = [];
        try
        {
            var reply = await talk.AskAsync("QUIT", cancel).ConfigureAwait(false);
            while (reply.Code != 221 && before.Count < MostBeforeQuit)
            {
                before.Add(reply);
                reply = await talk.HearAsync(cancel).ConfigureAwait(false);
            }
        }
        catch (TalkBrokenException)
        {
            // It has gone without a goodbye: what it said before is all.
        }

        return before;
    }
}
