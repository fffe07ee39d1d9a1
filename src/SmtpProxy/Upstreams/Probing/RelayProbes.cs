using System.Net;
using System.Runtime.CompilerServices;
using SmtpProxy.Tls;
using SmtpProxy.Transport.ProxyProtocol;
using SmtpProxy.Upstreams.Relays;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace SmtpProxy.Upstreams.Probing;

/// <summary>Active health of relays: YARP says when each is to be probed, by an HTTP request to its address, and what follows from the
/// answer; what is done instead of the request is here. Probes are no sessions: neither journal nor metrics of traffic know them.</summary>
internal sealed partial class RelayProbes(
    IServiceProvider services, RelayConnector connect, RelayTrusts trusts, TimeProvider time, ILogger<RelayProbes> log)
{
    private readonly ConditionalWeakTable<DestinationState, Last> _last = [];
    private readonly SmtpProbe _probe = new(connect, time);

    /// <summary>What the last probe of a relay found; null when there was none.</summary>
    public ProbeOutcome? Of(DestinationState destination) => _last.TryGetValue(destination, out var last) ? last.Outcome : null;

    /// <summary>Probes the relay that YARP's request is for: 200 when it can take mail, 503 when it cannot.</summary>
    public async Task<HttpResponseMessage> ProbeAsync(string cluster, Uri uri, CancellationToken cancel)
    {
        // Resolved late: the clusters are built from services of which this class is one.
        if (RelayAddress.TryRead(uri.OriginalString, out var address) is not null
            || !services.GetRequiredService<IProxyStateLookup>().TryGetCluster(cluster, out var state))
        {
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        }

        var relays = state.Destinations.Values.Where(d => d.Model.Config.Address == address!.ToString()).ToArray();
        if (relays.Length == 0)
        {
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        }

        var plan = PlanOf(state, relays[0], address!);
        var outcome = await _probe.RunAsync(plan, cancel).ConfigureAwait(false);
        if (outcome.IsLocal)
        {
            // The relay was not asked: what is known of it stays as it is.
            if (!_last.GetValue(relays[0], static _ => new Last()).MarkUnasked())
            {
                LogNotProbed(relays[0].DestinationId, cluster, outcome.Failure!);
            }

            return new HttpResponseMessage(relays.Any(static r => r.Health.Active == DestinationHealth.Unhealthy)
                ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
        }

        foreach (var relay in relays)
        {
            Note(state, relay, outcome);
            Trust(state, relay, outcome);
        }

        return new HttpResponseMessage(outcome.Failure is null ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
    }

    /// <summary>Asks a relay what it offers, whatever becomes of it.</summary>
    public async Task LookAsync(ClusterState cluster, DestinationState relay, CancellationToken cancel)
    {
        if (RelayAddress.TryRead(relay.Model.Config.Address, out var address) is not null)
        {
            return;
        }

        var plan = PlanOf(cluster, relay, address!);
        var depth = plan.Depth == ProbeDepth.Greeting ? ProbeDepth.Ehlo : plan.Depth;
        Trust(cluster, relay, await _probe.RunAsync(plan with { Depth = depth }, cancel).ConfigureAwait(false));
    }

    /// <summary>What a probe of a relay does, by the relay's configuration.</summary>
    public static ProbePlan PlanOf(ClusterState cluster, DestinationState relay, RelayAddress address)
    {
        var tls = RelaySecurity.Of(cluster, relay, address);
        // A relay that gets no mail without TLS is well only with it.
        var depth = RelayMetadata.Of(cluster, relay, RelayMetadata.Probe,
            tls.Mode == RelayTlsMode.Required ? ProbeDepth.StartTls : ProbeDepth.Ehlo);
        var header = RelayMetadata.Of(cluster, relay, RelayMetadata.Proxy, ProxyVersion.None);
        return new ProbePlan(address, depth, RelayMetadata.NameFor(cluster, relay), header, tls);
    }

    /// <summary>A reply to EHLO tells whether the relay trusts this proxy.</summary>
    private void Trust(ClusterState cluster, DestinationState relay, ProbeOutcome outcome)
    {
        if (outcome.HasOffered)
        {
            trusts.Saw(cluster, relay, TrustOffers.In(outcome.Capabilities));
        }
    }

    private void Note(ClusterState cluster, DestinationState relay, ProbeOutcome outcome)
    {
        var last = _last.GetValue(relay, static _ => new Last());
        var before = last.Outcome;
        // What it said last is worth knowing while it says nothing.
        last.Outcome = outcome.Greeting is null && before is not null
            ? outcome with { Greeting = before.Greeting, Capabilities = before.Capabilities } : outcome;
        if (outcome.Failure is { } failure && before?.Failure != failure)
        {
            LogFailed(relay.DestinationId, cluster.ClusterId, failure);
        }
        else if (outcome.Failure is null && before?.Failure is not null)
        {
            LogWell(relay.DestinationId, cluster.ClusterId);
        }
    }

    [LoggerMessage(EventId = 310, Level = LogLevel.Warning, Message = "Probe of relay {Relay} of cluster {Cluster} failed: {Failure}")]
    private partial void LogFailed(string relay, string cluster, string failure);

    [LoggerMessage(EventId = 311, Level = LogLevel.Information, Message = "Probe of relay {Relay} of cluster {Cluster} is well again")]
    private partial void LogWell(string relay, string cluster);

    [LoggerMessage(EventId = 312, Level = LogLevel.Warning,
        Message = "Relay {Relay} of cluster {Cluster} was not probed, for a reason of this machine: it {Failure}")]
    private partial void LogNotProbed(string relay, string cluster, string failure);

    private sealed class Last
    {
        private volatile ProbeOutcome? _outcome;
        private bool _isUnasked;

        public ProbeOutcome? Outcome
        {
            get => _outcome;
            set => (_outcome, _isUnasked) = (value, false);
        }

        /// <summary>Notes that the relay could not be asked; answers whether that was so already.</summary>
        public bool MarkUnasked() => Interlocked.Exchange(ref _isUnasked, true);
    }
}

/// <summary>Gives every cluster an HTTP client that speaks SMTP to relays.</summary>
internal sealed class ProbingClientFactory(RelayProbes probes, ILogger<ForwarderHttpClientFactory> log) : ForwarderHttpClientFactory(log)
{
    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new ProbingHandler(probes, context.ClusterId, base.WrapHandler(context, handler));
}

/// <summary>Sends what is for a relay to the probes and the rest on its way.</summary>
internal sealed class ProbingHandler(RelayProbes probes, string cluster, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.RequestUri is { } uri && RelayAddress.IsSmtp(uri.OriginalString)
            ? probes.ProbeAsync(cluster, uri, cancellationToken)
            : base.SendAsync(request, cancellationToken);
}
