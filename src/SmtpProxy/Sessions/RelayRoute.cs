using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Guard;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Replies;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Sessions;

/// <summary>The way of one session to a relay: the relays it tried, the one it has, and why the last one did not do.</summary>
/// <param name="relays">All relays.</param>
/// <param name="cluster">Those that will do.</param>
/// <param name="connect">How long a dial may take.</param>
/// <param name="means">What this session is able to agree with a relay.</param>
internal sealed class RelayRoute(IRelayPool relays, string cluster, TimeSpan connect, RelayMeans means) : IRelayChoice, ITrustWitness
{
    private static readonly IReadOnlyList<IRelayLease> None = [];
    private List<IRelayLease>? _tried;
    private IRelayLease? _current;
    private bool _reported;

    /// <summary>Why no relay serves this session, in plain words for the client.</summary>
    public string Cause { get; private set; } = "";

    /// <summary>The configured name of the relay being dialled or in use.</summary>
    public string Destination => _current!.Destination;

    public bool HasAnother => relays.Size(cluster) > (_tried?.Count ?? 0) + 1;

    /// <summary>Takes the next relay that was not tried yet.</summary>
    public bool TryNext(IPair pair, out RelayTarget target)
    {
        string? why;
        IRelayLease? lease;
        while (relays.TryPick(cluster, pair.Client, _tried ?? None, out lease, out why) && Misfit(lease!, pair.Client) is { } misfit)
        {
            // Not the relay's doing: its health does not hear of it.
            (_current, _reported) = (lease, true);
            GiveUp(RelayReport.ConnectFailed, misfit);
        }

        if (lease is null)
        {
            // What went wrong with a relay says more than that there is no other.
            Cause = Cause.Length > 0 ? Cause : why ?? "no relay is available";
            target = default;
            return false;
        }

        _current = lease;
        _reported = false;
        target = lease.Identity.Introduce(new DialTarget(lease.Address, connect), pair.Client, pair.Local) with { Tls = lease.Tls };
        return true;
    }

    /// <summary>The relay could not be reached, or what is required of it could not be agreed.</summary>
    public void DialFailed(in DialResult result) => GiveUp(
        result.Outcome switch
        {
            DialOutcome.TlsFailed => RelayReport.TlsFailed,
            DialOutcome.GreetingFailed => RelayReport.GreetingFailed,
            DialOutcome.IntroductionFailed => RelayReport.IntroductionFailed,
            DialOutcome.IntroductionRefused => RelayReport.IntroductionRefused,
            _ => RelayReport.ConnectFailed,
        },
        LocalReply.Cause(result));

    /// <summary>This machine could not dial: the relay's health does not hear of it.</summary>
    public void NotDialled()
    {
        SaysNothing();
        DialFailed(new DialResult(DialOutcome.NotDialled, null, null, null));
    }

    /// <summary>The relay was connected and went, or stayed silent, before its greeting.</summary>
    public void GreetingFailed(string cause) => GiveUp(RelayReport.GreetingFailed, cause);

    /// <summary>The relay greeted; once per relay, later calls do nothing.</summary>
    public void Greeted(bool accepted)
    {
        if (!_reported && _current is { } lease)
        {
            _reported = true;
            lease.Report(accepted ? RelayReport.Greeted : RelayReport.GreetingRefused);
        }
    }

    /// <summary>The relay answered EHLO: what it offers to whom it trusts.</summary>
    public void Offers(TrustOffer offered) => _current?.Offers(offered);

    /// <summary>What follows was injected: the relay's health does not hear of it.</summary>
    public void SaysNothing() => _reported = true;

    /// <summary>The session is over.</summary>
    public void Release()
    {
        _current?.Dispose();
        _current = null;
    }

    /// <summary>Why a relay must not serve this client: it would be served with less than is required. Null: it may.</summary>
    private string? Misfit(IRelayLease relay, EndPoint client)
    {
        if ((relay.Identity.XClientAs is not null && !means.HasFlag(RelayMeans.Introduction))
            || (relay.Tls.Mode is RelayTlsMode.Implicit or RelayTlsMode.Required && !means.HasFlag(RelayMeans.Encryption)))
        {
            // The configuration asks for more than it did when the session began.
            return "the configuration has changed, please try again";
        }

        return relay.Identity.CanShow(client, relay.Address) ? null : "the relay cannot be shown the client's address";
    }

    private void GiveUp(RelayReport report, string cause)
    {
        if (_current is not { } lease)
        {
            return;
        }

        if (!_reported)
        {
            lease.Report(report);
        }

        Cause = cause;
        (_tried ??= []).Add(lease);
        lease.Dispose();
        _current = null;
    }
}
