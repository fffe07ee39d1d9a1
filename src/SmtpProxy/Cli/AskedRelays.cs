using System.Globalization;
using SmtpProxy.Codes;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Rules;
using SmtpProxy.Upstreams;
using SmtpProxy.Upstreams.Probing;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Cli;

/// <summary>Asks the relays of a configuration, and says what they answered, for people to read.</summary>
/// <param name="answers">The answers.</param>
internal sealed class AskedRelays(IReadOnlyList<RelayAnswer> answers)
{
    /// <summary>What they answered.</summary>
    public IReadOnlyList<RelayAnswer> Answers => answers;

    /// <summary>Every relay serves, and none trusts this host without being told who its clients are.</summary>
    public bool AreWell => answers.All(static a => a is { Serves: true, TrustsHost: false, LacksXClient: false });

    /// <summary>Asks all of them. On a terminal, standard error counts along.</summary>
    public static async Task<AskedRelays> AskAsync(ValidatedConfiguration configuration, CancellationToken cancel)
    {
        var sink = SinkReach.Of(configuration.Current.Sink);
        var isShown = !Console.IsErrorRedirected;
        var answers = await RelayInquiry.AskAsync(
            new ConfigurationBuilder().Add(configuration).Build(),
            address => configuration.Current.Sink.Enabled && sink.IsAt(address),
            (done, all) =>
            {
                if (isShown)
                {
                    Console.Error.Write(done < all ? $"\rasked {done} of {all} relays" : "\r\x1b[K");
                }
            },
            cancel).ConfigureAwait(false);
        return new AskedRelays(answers);
    }

    /// <summary>The lines.</summary>
    public IEnumerable<string> Lines()
    {
        foreach (var answer in answers)
        {
            yield return $"relay     {NameOf(answer)} {answer.Address}{(answer.Host is { Length: > 0 } host ? $" ({host})" : "")}: " +
                $"{ResultOf(answer)}";
            if (HintFor(answer) is { } hint)
            {
                yield return $"  hint    {hint}";
            }

            if (answer.Outcome is { Greeting: { } greeting } said)
            {
                yield return $"  said    {greeting}";
                if (said.HasOffered)
                {
                    yield return $"  offers  {string.Join(", ", said.Capabilities.DefaultIfEmpty("nothing"))}";
                }
            }
        }

        foreach (var answer in answers)
        {
            if (answer.TrustsHost)
            {
                yield return $"WARNING   relay {NameOf(answer)} TRUSTS THIS HOST: it offers {answer.Trust.Names()} to this host's " +
                    $"address, from which it would get everybody's mail. "
                    + "Tell it who its clients are (Smtp.XClient=true, or Smtp.ProxyProtocol), or take this host out of what it trusts "
                    + "(Postfix: smtpd_authorized_xclient_hosts, smtpd_authorized_xforward_hosts, mynetworks)";
            }

            if (answer.LacksXClient)
            {
                yield return $"WARNING   relay {NameOf(answer)} DOES NOT OFFER XCLIENT to this host, and Smtp.XClient asks for it: no " +
                    $"session gets there. "
                    + "Name this host's address at the relay (Postfix: smtpd_authorized_xclient_hosts)";
            }
        }

        yield return $"asked     {Count(answers.Count(static a => a.Outcome is not null))}: " +
            $"{answers.Count(static a => a is { Outcome: not null, Serves: true })} serve, "
            + $"{answers.Count(static a => !a.Serves)} do not, {answers.Count(static a => a.TrustsHost)} trust this host";
    }

    /// <summary>What a failure may come of that the relay's own words do not say; null: nothing known.</summary>
    private static string? HintFor(RelayAnswer answer) => answer switch
    {
        { Serves: true } => null,
        { IsSentHeader: true, Outcome.HasConnected: true } =>
            "it is sent a PROXY header (Smtp.ProxyProtocol). A relay that expects none takes that for a command, and answers one reply " +
                "too many or hangs up: set Smtp.ProxyProtocol=None, or have it expect one (Postfix: smtpd_upstream_proxy_protocol)",
        { Outcome.Greeting: { } greeting } when LineDiagnosis.OfGreeting(greeting) == Diagnosis.ProxyHeaderMissing =>
            Catalogue.Of(Diagnosis.ProxyHeaderMissing).Text,
        _ => null,
    };

    private static string Count(int relays) => relays == 1 ? "1 relay" : $"{relays.ToString(CultureInfo.InvariantCulture)} relays";

    private static string NameOf(RelayAnswer answer) => $"{answer.Cluster}/{answer.Destination}";

    private static string ResultOf(RelayAnswer answer) => answer.Outcome switch
    {
        null => "the embedded sink; it is not asked",
        { Failure: { } failure } => $"DOES NOT SERVE: {failure}",
        var well => string.Create(CultureInfo.InvariantCulture, $"serves, {well.Took:0} ms, {TlsOf(well)}"),
    };

    private static string TlsOf(ProbeOutcome outcome) => outcome switch
    {
        { Tls: { } version, CertificateExpires: { } until } =>
            string.Create(CultureInfo.InvariantCulture, $"{version}, certificate until {until:yyyy-MM-dd}"),
        { Tls: { } version } => version,
        _ when outcome.Capabilities.Contains("STARTTLS", StringComparer.OrdinalIgnoreCase) => "asked in the clear, offers STARTTLS",
        _ => "in the clear",
    };
}
