using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Admitting;

/// <summary>Decides who gets a session, and counts those that have one: in the process, by listener and by client. Who is turned away
/// counts nowhere, so that clients who are not served cannot keep others out. Thread-safe.</summary>
internal sealed class Admission
{
    private readonly ConcurrentDictionary<string, int> _byListener = new();
    private readonly ConcurrentDictionary<ClientNetwork, int> _byClient = new();
    private readonly ConcurrentDictionary<(string, ClientNetwork), int> _byListenerAndClient = new();
    private readonly ConnectionRates _rates = new(ConnectionRates.MostClients);
    private readonly Lock _telling = new();
    private volatile ClientRules _rules = new(new SessionLimits());
    private int _all;

    /// <summary>Sessions counted now.</summary>
    public int Count => Volatile.Read(ref _all);

    /// <summary>What several proxies have in common of the limits for each client; null: nothing.</summary>
    public ICommonLimits? Common
    {
        get;
        init
        {
            field = value;
            value?.Count(_byClient, _telling);
        }
    }

    /// <summary>Handshakes with clients.</summary>
    public Handshakes Handshakes { get; } = new();

    /// <summary>Judges a connection by its client's address, and counts it in.</summary>
    /// <param name="listener">The listener's name.</param>
    /// <param name="arrival">The connection; with a PROXY header, as the header has it.</param>
    /// <param name="limits">Bounds of the process.</param>
    /// <param name="policy">Bounds of the listener.</param>
    /// <param name="shakesAtOnce">Whether its first octet begins a TLS handshake with the proxy.</param>
    /// <param name="place">What it holds; to be left when it is closed. Null when it is turned away.</param>
    /// <returns>Why it is turned away; null: it is not.</returns>
    public Refusal? Enter(
        string listener, in Arrival arrival, SessionLimits limits, ListenerPolicy policy, bool shakesAtOnce, out Place? place)
    {
        place = null;
        if (!policy.Serves(arrival.Client))
        {
            return Refusal.Denied;
        }

        var rules = RulesOf(limits);
        var address = (arrival.Client as IPEndPoint)?.Address;
        var its = new Place(this, rules, listener, address is null ? null : ClientNetwork.Of(address, limits.ClientPrefixV6),
            rules.Spares(address));
        var refusal = CountIn(its, policy)
            ?? (shakesAtOnce ? its.TryShake() : null)
            ?? (its.Counted is { } client
                && !_rates.TryTake(client, CommonShare.Of(limits.ConnectionsPerMinutePerClient, Common), arrival.At)
                    ? Refusal.ConnectionRate : null);
        if (refusal is null)
        {
            place = its;
        }
        else
        {
            its.Leave();
        }

        return refusal;
    }

    /// <summary>Asks the other proxies about a client that was let in here.</summary>
    /// <param name="place">What it holds here.</param>
    /// <param name="asking">The question.</param>
    /// <returns>False: there is nobody to ask, or nothing to ask about.</returns>
    public bool TryAsk(Place place, [NotNullWhen(true)] out Task<CommonVerdict>? asking)
    {
        asking = null;
        if (Common is { AreHeard: true } common && place is { Counted: { } client, Limits: var limits }
            && (limits.MaxSessionsPerClient > 0 || limits.ConnectionsPerMinutePerClient > 0))
        {
            lock (_telling)
            {
                asking = common.EnterAsync(client, _byClient.GetValueOrDefault(client), limits);
            }
        }

        return asking is not null;
    }

    /// <summary>Why a client that was let in here is turned away all the same; null: it is not.</summary>
    public Refusal? Judge(Place place, CommonVerdict verdict) => verdict switch
    {
        CommonVerdict.Sessions => Refusal.SessionsPerClient,
        CommonVerdict.Rate => Refusal.ConnectionRate,
        CommonVerdict.Unknown when Common is { } common && place.Counted is { } client
            && Tally.Exceeds(_byClient.GetValueOrDefault(client), CommonShare.Alone(place.Limits.MaxSessionsPerClient, common)) =>
            Refusal.SessionsPerClient,
        _ => null,
    };

    /// <summary>Counts out what a place holds.</summary>
    public void Leave(Place place)
    {
        Interlocked.Decrement(ref _all);
        Tally.Subtract(_byListener, place.Listener);
        if (place.Client is { } client)
        {
            Tally.Subtract(_byClient, client);
            Tally.Subtract(_byListenerAndClient, (place.Listener, client));
            if (Common is not null && place.Counted is not null)
            {
                lock (_telling)
                {
                    Common.Left(client, _byClient.GetValueOrDefault(client));
                }
            }
        }
    }

    /// <summary>Counts in. The listener's own cap on clients spares nobody: who wrote it named the listener.</summary>
    private Refusal? CountIn(Place place, ListenerPolicy policy)
    {
        var limits = place.Limits;
        var all = Interlocked.Increment(ref _all);
        var ofListener = Tally.Add(_byListener, place.Listener);
        var (ofClient, ofBoth) = place.Client is { } client
            ? (Tally.Add(_byClient, client), Tally.Add(_byListenerAndClient, (place.Listener, client)))
            : (0, 0);
        return Tally.Exceeds(all, limits.MaxSessions) ? Refusal.Sessions
            : Tally.Exceeds(ofListener, limits.MaxSessionsPerListener) || Tally.Exceeds(ofListener, policy.MaxSessions)
            ? Refusal.SessionsPerListener
            : (place.Counted is not null && Tally.Exceeds(ofClient, CommonShare.Of(limits.MaxSessionsPerClient, Common)))
            || Tally.Exceeds(ofBoth, policy.MaxSessionsPerClient)
                ? Refusal.SessionsPerClient
                : null;
    }

    private ClientRules RulesOf(SessionLimits limits) =>
        _rules is var rules && ReferenceEquals(rules.Limits, limits) ? rules : _rules = new ClientRules(limits);
}
