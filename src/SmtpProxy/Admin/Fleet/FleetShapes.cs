using SmtpProxy.Admin.Sightings;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin.Fleet;

// What members answered is passed on as it came: these say its shape in /openapi/v1.json, and a test holds them to what is sent.

/// <summary>Sessions of several proxies.</summary>
/// <param name="Sessions">Open ones first, and then those that ended last.</param>
/// <param name="Next">The cursor of the next page; null: there is none.</param>
/// <param name="Unanswered">The proxies of which nothing is shown.</param>
internal sealed record FleetSessions(IReadOnlyList<FleetSession> Sessions, string? Next, IReadOnlyList<Unanswered> Unanswered);

/// <summary>A session, and the proxy that has it.</summary>
internal sealed record FleetSession(string Node, SessionSummary Session);

/// <summary>All of a session, and the proxy that has it.</summary>
internal sealed record FleetWholeSession(string Node, SessionShown Session);

/// <summary>What was found at several proxies.</summary>
/// <param name="Query">What was searched for.</param>
/// <param name="Hits">The sessions, those that ended last first.</param>
/// <param name="Notes">What cannot be found, and why.</param>
/// <param name="Unanswered">The proxies of which nothing is shown.</param>
internal sealed record FleetSearch(string Query, IReadOnlyList<FleetHit> Hits, IReadOnlyList<string> Notes,
    IReadOnlyList<Unanswered> Unanswered);

/// <summary>A session that was found, by what, and where.</summary>
internal sealed record FleetHit(string Node, string In, SessionSummary Session);

/// <summary>How several proxies do.</summary>
/// <param name="Nodes">Each, as it says of itself.</param>
/// <param name="Unanswered">The proxies of which nothing is shown.</param>
internal sealed record FleetNow(IReadOnlyList<NodeNow> Nodes, IReadOnlyList<Unanswered> Unanswered);

/// <summary>How a proxy does; its name, and the process.</summary>
internal sealed record NodeNow(string Node, string Id, NowAnswer Now);

/// <summary>The relays of several proxies, as each sees them.</summary>
internal sealed record FleetRelays(IReadOnlyList<NodeRelay> Relays, IReadOnlyList<Unanswered> Unanswered);

/// <summary>A relay as a proxy sees it.</summary>
internal sealed record NodeRelay(string Node, string Id, RelayView Relay);

/// <summary>Where faults stand at several proxies.</summary>
internal sealed record FleetFaults(IReadOnlyList<NodeFaults> Faults, IReadOnlyList<Unanswered> Unanswered);

/// <summary>Where faults stand at a proxy.</summary>
internal sealed record NodeFaults(string Node, string Id, FaultStatus Faults);

/// <summary>Clients of several proxies, each once.</summary>
/// <param name="Clients">Them.</param>
/// <param name="Next">Where the next page begins; null: there is none.</param>
/// <param name="Total">How many there are that were asked for.</param>
/// <param name="Breaks">By what could be switched off: how many clients would break, of all.</param>
/// <param name="Partial">The proxies that have more clients than are asked for.</param>
/// <param name="Unanswered">The proxies of which nothing is shown.</param>
internal sealed record FleetClients(
    IReadOnlyList<FleetClient> Clients, string? Next, int Total, IReadOnlyDictionary<string, ClientShare> Breaks,
    IReadOnlyList<string> Partial, IReadOnlyList<Unanswered> Unanswered);

/// <summary>A client, and the proxies that know it; what is counted is the sum.</summary>
internal sealed record FleetClient(IReadOnlyList<string> Nodes, SeenClient Client);
