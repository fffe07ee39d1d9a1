using SmtpProxy.Upstreams.Probing;

namespace SmtpProxy.Upstreams;

/// <summary>One relay at this moment, as <c>GET /api/v1/upstreams</c> shows it.</summary>
/// <param name="Cluster">The cluster's id.</param>
/// <param name="Destination">The configured name.</param>
/// <param name="Address">Where it is dialled.</param>
/// <param name="Host">The configured host name, where it was one.</param>
/// <param name="Up">Whether sessions are sent to it and nothing speaks against it.</param>
/// <param name="State"><c>up</c>, <c>down</c>, <c>trying</c>: was down, gets sessions again, and has not answered yet, or <c>draining</c>:
/// removed from the configuration, with sessions left, or taken out of service.</param>
/// <param name="Why">Why it is not up.</param>
/// <param name="Discards">Whether it is the embedded sink: mail that it accepts is discarded.</param>
/// <param name="TrustsProxy">Whether it offers XCLIENT or XFORWARD to the proxy, which does not tell it who its clients are;
/// null: it has not been asked.</param>
/// <param name="Backup">Whether it has sessions only while no other relay is available.</param>
/// <param name="Health">Healthy, Unhealthy or Unknown, by what sessions met.</param>
/// <param name="ProbeHealth">Healthy, Unhealthy or Unknown, by what probes met.</param>
/// <param name="Sessions">Sessions that it has now.</param>
/// <param name="Greeted">Greetings 2yz since the start.</param>
/// <param name="GreetingsRefused">Greetings 4yz or 5yz.</param>
/// <param name="ConnectFailures">Dials that failed.</param>
/// <param name="TlsFailures">Connections on which TLS could not be established as it must be.</param>
/// <param name="GreetingFailures">Closed or silent before a greeting.</param>
/// <param name="IntroductionFailures">Connections on which it could not be told who the client is, and must be.</param>
/// <param name="LastSession">What the last session met that tried it; null: none has.</param>
/// <param name="LastGreeting">The last line of its greeting, to the last probe that had one.</param>
/// <param name="Capabilities">What it lists in its reply to EHLO, to the last probe that had one.</param>
/// <param name="Probe">What the last probe found; null when it is not probed.</param>
/// <param name="Certificate">The certificate that it showed last; null: the proxy has spoken no TLS with it.</param>
public sealed record RelayView(
    string Cluster, string Destination, string Address, string? Host, bool Up, string State, string? Why, bool Discards, bool? TrustsProxy,
    bool Backup, string Health, string ProbeHealth,
    int Sessions, long Greeted, long GreetingsRefused, long ConnectFailures, long TlsFailures, long GreetingFailures,
    long IntroductionFailures,
    RelayEvent? LastSession, string? LastGreeting, IReadOnlyList<string> Capabilities, ProbeOutcome? Probe,
    RelayCertificate? Certificate = null);

/// <summary>Something that a session met at a relay.</summary>
/// <param name="At">When.</param>
/// <param name="What"><c>greeted</c> (2yz), <c>greeting_refused</c> (4yz or 5yz), <c>connect_failed</c>, <c>tls_failed</c>,
/// <c>greeting_failed</c> (closed or silent before it), <c>introduction_failed</c> or <c>introduction_refused</c> (XCLIENT: for all
/// clients, for this one).</param>
public sealed record RelayEvent(DateTimeOffset At, string What);
