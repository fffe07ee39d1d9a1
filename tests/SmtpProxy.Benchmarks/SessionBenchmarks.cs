using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Telemetry;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Benchmarks;

/// <summary>What the session machine costs, without any transport: a session of one message, octets in and octets out, by
/// what stands on the way.</summary>
[MemoryDiagnoser]
public class SessionBenchmarks : IDisposable
{
    private static readonly string[] Rules =
    [
        "{'at':'mail','match':{'mailFrom':['never@never.invalid']},'action':{'type':'reply','code':451}}",
        "{'at':'rcpt','match':{'rcptTo':['never@never.invalid']},'action':{'type':'reply','code':451}}",
        "{'at':'endOfData','match':{'mailFrom':['never@never.invalid']},'action':{'type':'rejectMessage'}}",
    ];

    private readonly Pair _pair = new();
    private readonly List<(Leg From, byte[] Octets)> _small = Script(1_000);
    private readonly List<(Leg From, byte[] Octets)> _large = Script(1_000_000);
    private ServiceProvider _services = null!;
    private SessionHost _host = null!;

    /// <summary>What stands on the way.</summary>
    public enum Way
    {
        /// <summary>Nothing: the client may speak for others, and faults are off.</summary>
        Plain,

        /// <summary>The guard, as for every client whose network is not named.</summary>
        Guarded,

        /// <summary>Faults are enabled, and no rule is armed.</summary>
        FaultsEnabled,

        /// <summary>Rules are armed that never match, and the client may speak for others.</summary>
        FaultsArmed,

        /// <summary>Rules are armed that never match, and the guard stands after them.</summary>
        FaultsArmedAndGuarded,
    }

    /// <summary>What stands on the way.</summary>
    [ParamsAllValues]
    public Way On { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var options = new FaultsOptions
            { Enabled = On >= Way.FaultsEnabled, AllowDuplicateRisk = true, AllowLossRisk = true, AllowSecurityProbes = true };
        _services = new ServiceCollection().AddLogging().AddSmtpProxyTelemetry(new ConfigurationBuilder().Build()).AddFaults(() => options)
            .BuildServiceProvider();
        var engine = _services.GetRequiredService<FaultEngine>();
        foreach (var text in On >= Way.FaultsArmed ? Rules : [])
        {
            var rule = (JsonObject)JsonNode.Parse(text.Replace('\'', '"'))!;
            rule["ttl"] = "01:00:00";
            if (engine.Rules.Put($"never-{text.Length}", rule) is { Kind: not RuleChangeKind.Done } change)
            {
                throw new InvalidOperationException(string.Join("; ", change.Errors));
            }
        }

        _host = new SessionHost(
            static () => SessionLimits.Ample, new Pool(), _services.GetRequiredService<ITelemetry>(), NullLogger<SessionHost>.Instance,
            On >= Way.FaultsEnabled ? engine : null);
        _ = Networks.TryParse("127.0.0.0/8", out var loopback);
        _host.Admit("inbound", ListenerPolicy.Open with
            { XClientFrom = On is Way.Guarded or Way.FaultsArmedAndGuarded ? Networks.None : loopback });
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _services.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Greeting to QUIT with one message of 1 KB.</summary>
    [Benchmark]
    public void Session() => Run(_small);

    /// <summary>The same with a message of 1 MB, read 64 KB at a time.</summary>
    [Benchmark]
    public void LargeMessage() => Run(_large);

    private static List<(Leg From, byte[] Octets)> Script(int octets)
    {
        List<(Leg, byte[])> script = [];
        void Say(Leg from, string text) => script.Add((from, Encoding.ASCII.GetBytes(text)));
        Say(Leg.Relay, "220 mx ESMTP\r\n");
        Say(Leg.Client, "EHLO client\r\n");
        Say(Leg.Relay, "250-mx\r\n250-PIPELINING\r\n250 SIZE 10000000\r\n");
        Say(Leg.Client, "MAIL FROM:<a@example.org>\r\n");
        Say(Leg.Relay, "250 2.1.0 ok\r\n");
        Say(Leg.Client, "RCPT TO:<b@example.net>\r\n");
        Say(Leg.Relay, "250 2.1.5 ok\r\n");
        Say(Leg.Client, "DATA\r\n");
        Say(Leg.Relay, "354 go\r\n");
        var body = string.Concat(Enumerable.Repeat(new string('x', 76) + "\r\n", octets / 78)) + ".\r\n";
        for (var at = 0; at < body.Length; at += 65536)
        {
            Say(Leg.Client, body.Substring(at, Math.Min(65536, body.Length - at)));
        }

        Say(Leg.Relay, "250 2.0.0 Ok: queued as 4F1XYZ\r\n");
        Say(Leg.Client, "QUIT\r\n");
        Say(Leg.Relay, "221 2.0.0 bye\r\n");
        return script;
    }

    private void Run(List<(Leg From, byte[] Octets)> script)
    {
        var handler = _host.Open("inbound", "relays", new Arrival(_pair.Client, _pair.Local, Stopwatch.GetTimestamp()))!;
        handler.Accepted(_pair);
        handler.Dialled(new DialResult(DialOutcome.Connected, _pair.Local, Pool.Address, null));
        foreach (var (from, octets) in script)
        {
            handler.Received(from, octets);
        }

        handler.Ended(Leg.Relay, EndKind.Fin);
        handler.Ended(Leg.Client, EndKind.Fin);
        handler.Closed();
    }

    /// <summary>Connections that take everything, and move nothing.</summary>
    private sealed class Pair : IPair
    {
        public long Id => 1;

        public EndPoint Client { get; } = new IPEndPoint(IPAddress.Loopback, 40112);

        public EndPoint Local { get; } = new IPEndPoint(IPAddress.Loopback, 25);

        public long Now => Stopwatch.GetTimestamp();

        public long Clock() => Stopwatch.GetTimestamp();

        public void Dial(in DialTarget target)
        {
        }

        public void Send(Leg to, ReadOnlySpan<byte> octets)
        {
        }

        public int Unsent(Leg to) => 0;

        public bool? IsConfirmed(Leg to) => true;

        public void Shut(Leg leg)
        {
        }

        public void Reset(Leg leg)
        {
        }

        public void Close(Leg leg)
        {
        }

        public void Pause(Leg from)
        {
        }

        public void Resume(Leg from)
        {
        }

        public void SetTimer(PairTimer timer, TimeSpan after)
        {
        }

        public void CancelTimer(PairTimer timer)
        {
        }

        public void Splice(Leg from, long octets)
        {
        }

        public void Signal(int what)
        {
        }
    }

    /// <summary>One relay that is always there.</summary>
    private sealed class Pool : IRelayPool, IRelayLease
    {
        public static readonly IPEndPoint Address = new(IPAddress.Loopback, 2526);

        public string Cluster => "relays";

        public string Destination => "mx1";

        EndPoint IRelayLease.Address => Address;

        public RelayIdentity Identity => RelayIdentity.None;

        public bool TryPick(string cluster, EndPoint client, IReadOnlyList<IRelayLease> tried, out IRelayLease? lease, out string? why)
        {
            (lease, why) = (this, null);
            return true;
        }

        public bool Introduces(string cluster) => false;

        public bool Encrypts(string cluster) => false;

        public int Size(string cluster) => 1;

        public void Offers(TrustOffer offered)
        {
        }

        public void Report(RelayReport report)
        {
        }

        public void Dispose()
        {
        }
    }
}
