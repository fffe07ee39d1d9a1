using System.Text.Json.Nodes;
using SmtpProxy.Tests.Sessions;
using SmtpProxy.Tests.Sessions.Faulted;
using SmtpProxy.Tls;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Differential;

/// <summary>What a dialogue is held in: TLS of either side, XCLIENT, rules that are armed and never strike, a relay that is the second
/// choice. It is the same dialogue in each.</summary>
internal abstract class Surroundings
{
    private static readonly RelayTls Clear = RelayTls.Default("relay.example") with { Mode = RelayTlsMode.None };
    private static readonly ListenerTls StartTls = new() { Mode = ListenerTlsMode.StartTls };
    private static readonly ListenerTls ImplicitTls = StartTls with { Mode = ListenerTlsMode.Implicit };

    private static readonly Dictionary<string, Func<Surroundings>> All = new(StringComparer.Ordinal)
    {
        ["plain"] = static () => new Held(static seed => new SessionBed(seed: seed)),
        ["faults"] = static () => new Held(static seed => new SessionBed(seed: seed, faults: new FakeFaults())),
        ["guarded"] = static () => new Held(static seed => new SessionBed(seed: seed, relayTls: Clear)),
        ["implicit-tls"] = static () => new Secured(static seed => new SessionBed(seed: seed, tls: ImplicitTls, relayTls: Clear)),
        ["implicit-tls-and-faults"] = static () =>
            new Secured(static seed => new SessionBed(seed: seed, faults: new FakeFaults(), tls: ImplicitTls, relayTls: Clear)),
        ["relay-tls"] = static () => new RelaySecured(static seed => new SessionBed(
            seed: seed, relayTls: RelayTls.Default("relay.example") with { Mode = RelayTlsMode.Required })),
        ["relay-tls-and-faults"] = static () => new RelaySecured(static seed => new SessionBed(
            seed: seed, faults: new FakeFaults(), relayTls: RelayTls.Default("relay.example") with { Mode = RelayTlsMode.Required })),
        ["xclient"] = static () => new Introduced(static seed => new SessionBed(
            seed: seed, identity: RelayIdentity.None with { XClientAs = "proxy.example" }, relayTls: Clear)),
        ["slow"] = static () => new Slow(static seed => new SessionBed(seed: seed)),
        ["slow-with-faults"] = static () => new Slow(static seed => new SessionBed(seed: seed, faults: new FakeFaults())),
        ["fail-over"] = static () => new Held(static seed =>
        {
            var bed = new SessionBed(seed: seed, relays: 2);
            bed.Sim.Dials.Then(DialOutcome.Refused);
            return bed;
        }),
    };

    /// <summary>What there is.</summary>
    public static IEnumerable<string> Names => All.Keys;

    /// <summary>By its name.</summary>
    public static Surroundings Named(string name) => All[name]();

    /// <summary>A session in them.</summary>
    public abstract SessionBed Bed(int seed);

    /// <summary>Octets may wait in the proxy until what they begin is whole.</summary>
    public virtual bool Holds => true;

    /// <summary>Whether it makes sense in them.</summary>
    public virtual bool CanHold(Script script) => true;

    /// <summary>Everything that happens before the relay's greeting.</summary>
    public virtual void Begin(Simulation.Simulation sim) => sim.Run();

    /// <summary>What happens after each piece.</summary>
    public virtual void Said(Simulation.Simulation sim) => sim.Run();

    /// <summary>What happens between the greeting and what follows.</summary>
    public virtual void Greeted(Simulation.Simulation sim)
    {
    }

    /// <summary>What the client gets to see of what the relay says.</summary>
    public virtual string Shown(string said) => said;

    /// <summary>What the record is in them.</summary>
    public virtual JsonObject Expected(JsonObject record) => record;

    /// <summary>The relay's greeting comes first.</summary>
    private class Held(Func<int, SessionBed> bed) : Surroundings
    {
        public override SessionBed Bed(int seed) => bed(seed);
    }

    /// <summary>Between any two pieces time passes, less than any limit.</summary>
    private sealed class Slow(Func<int, SessionBed> bed) : Held(bed)
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(20);

        public override void Said(Simulation.Simulation sim) => sim.Pass(Pause);
    }

    /// <summary>TLS from the first octet on, which ends here.</summary>
    private sealed class Secured(Func<int, SessionBed> bed) : Held(bed)
    {
        public override void Begin(Simulation.Simulation sim)
        {
            sim.Client.Shakes();
            base.Begin(sim);
        }

        public override JsonObject Expected(JsonObject record)
        {
            var secured = record.DeepClone().AsObject();
            secured["tls"] = "implicit";
            return secured;
        }
    }

    /// <summary>The relay is told who the client is before the client hears of it.</summary>
    private sealed class Introduced(Func<int, SessionBed> bed) : Held(bed)
    {
        // Another greeting is the proxy's to answer.
        public override bool CanHold(Script script) => script.Pieces is [{ Completes: true, Answer.IsGood: true }, ..];

        public override void Begin(Simulation.Simulation sim)
        {
            sim.Relay.Says("220 mx\r\n").Awaits("EHLO ").Awaits("\r\n").Says("250-mx\r\n250 XCLIENT ADDR PORT\r\n");
            base.Begin(sim);
        }
    }

    /// <summary>TLS is agreed on with the relay before the client hears its greeting.</summary>
    private sealed class RelaySecured(Func<int, SessionBed> bed) : Held(bed)
    {
        // Another greeting is the end of the session before it has begun.
        public override bool CanHold(Script script) => script.Pieces is [{ Completes: true, Answer.IsGood: true }, ..];

        public override void Greeted(Simulation.Simulation sim)
        {
            sim.Relay.Awaits("EHLO ").Awaits("\r\n").Says("250-mx\r\n250 STARTTLS\r\n").Awaits("STARTTLS\r\n").Says("220 go\r\n").Shakes();
            sim.Run();
        }
    }
}
