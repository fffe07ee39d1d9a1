using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>Values of attributes, all of closed sets.</summary>
internal static class AttributeValues
{
    /// <summary>Stands where there is no destination, because no relay was picked.</summary>
    public const string NoDestination = "none";

    /// <summary>Stands for every code outside 200-599, and for enhanced codes beyond the number kept apart.</summary>
    public const string Other = "other";

    public static string Of(SessionOutcome outcome) => outcome switch
    {
        SessionOutcome.Quit => "quit",
        SessionOutcome.ClientGone => "client_gone",
        SessionOutcome.RelayGone => "relay_gone",
        SessionOutcome.Timeout => "timeout",
        SessionOutcome.Refused => "refused",
        SessionOutcome.ConnectFailed => "connect_failed",
        SessionOutcome.Shutdown => "shutdown",
        _ => "fault",
    };

    public static string Of(Origin origin) => origin switch
    {
        Origin.Relay => "relay",
        Origin.Proxy => "proxy",
        _ => "fault",
    };

    public static string Of(Owner owner) => owner switch
    {
        Owner.Client => "client",
        Owner.Relay => "relay",
        _ => "proxy",
    };

    public static string Of(Verdict verdict) => verdict switch
    {
        Verdict.Accepted => "accepted",
        Verdict.Tempfail => "tempfail",
        Verdict.Permfail => "permfail",
        Verdict.Partial => "partial",
        Verdict.Reset => "reset",
        _ => "aborted",
    };

    public static string Of(Visibility visibility) => visibility switch
    {
        Visibility.Tracked => "tracked",
        Visibility.OpaqueTls => "opaque_tls",
        _ => "opaque_unparsed",
    };

    public static string Of(Risk risk) => risk switch
    {
        Risk.Accepted => "accepted",
        Risk.Refused => "refused",
        _ => "unknown",
    };

    /// <summary>Every <c>error.type</c> of a dial.</summary>
    public static readonly string[] DialErrors = [.. Enum.GetValues<DialOutcome>().Select(ErrorOf).OfType<string>().Distinct()];

    /// <summary><c>error.type</c> of a dial; null for success.</summary>
    public static string? ErrorOf(DialOutcome outcome) => outcome switch
    {
        DialOutcome.Connected => null,
        DialOutcome.Refused => "connection_refused",
        DialOutcome.TimedOut => "timeout",
        DialOutcome.TlsFailed => "tls",
        DialOutcome.GreetingFailed => "greeting",
        DialOutcome.IntroductionFailed or DialOutcome.IntroductionRefused => "introduction",
        DialOutcome.Unreachable => "unreachable",
        DialOutcome.NotDialled => "local_resources",
        _ => "connect_failed",
    };
}
