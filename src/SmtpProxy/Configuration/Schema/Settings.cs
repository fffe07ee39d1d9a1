using SmtpProxy.Admin;
using SmtpProxy.Faults;
using SmtpProxy.Fleet;
using SmtpProxy.Live;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sink;
using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Transport;

namespace SmtpProxy.Configuration.Schema;

/// <summary>The section <c>SmtpProxy</c>, whole: its properties are the keys that are known. Each room owns
/// the options of its part.</summary>
public sealed record Settings
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SmtpProxy";

    /// <summary>Where clients connect, by name. Read at start.</summary>
    public Dictionary<string, ListenerOptions> Listeners { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The embedded relay. Read at start.</summary>
    public SinkOptions Sink { get; set; } = new();

    /// <summary>What may be written down of mail addresses. Live.</summary>
    public PrivacyOptions Privacy { get; set; } = new();

    /// <summary>The journal. Read at start.</summary>
    public JournalOptions Journal { get; set; } = new();

    /// <summary>Metrics. Read at start.</summary>
    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>Sessions that are kept to be looked at. Read at start.</summary>
    public LiveOptions Live { get; init; } = new();

    /// <summary>Bounds of sessions. Live.</summary>
    public SessionLimits Limits { get; set; } = new();

    /// <summary>What moves the octets. Read at start.</summary>
    public TransportKind Transport { get; set; }

    /// <summary>The HTTP side. Read at start.</summary>
    public AdminOptions Admin { get; set; } = new();

    /// <summary>Faults, off unless enabled.</summary>
    public FaultsOptions Faults { get; set; } = new();

    /// <summary>What several proxies have in common; off unless a Redis is named. Read at start.</summary>
    public FleetOptions Fleet { get; set; } = new();

    /// <summary>Whether faults can be armed.</summary>
    internal bool HasFaults => Faults.Enabled;
}
