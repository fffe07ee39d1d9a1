using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Sessions.Admitting;

/// <summary>Bounds of sessions (<c>SmtpProxy:Limits</c>). What takes memory defaults to a share of what there is, and to a fixed figure
/// where there is plenty. Times default to RFC 5321 4.5.3.2. Each is for something whole (a greeting, a reply, a command), none for a whole
/// session. Live: a reload applies to sessions that begin after it.</summary>
public sealed record SessionLimits
{
    /// <summary>The defaults where memory is plenty.</summary>
    public static SessionLimits Ample { get; } = new()
    {
        MaxSessions = 10_000,
        MaxHandshakes = 1_000,
        QueueMemory = Transport.Resources.QueueMemory.DefaultLimit,
        RecordMemory = Telemetry.Records.RecordMemory.DefaultLimit,
        DialogueMemory = ExchangeMemory.DefaultLimit,
    };

    /// <summary>Sessions at once in the whole process; one more is answered 421 (10,000, and at most one for each 128 KiB of memory). One
    /// whose relay stalls in the middle of a message inside TLS takes about 90 KiB, and a process with no room beside that may end when all
    /// of them go on at once. 0 = no cap.</summary>
    public int MaxSessions { get; set; } = AvailableMemory.Places(10_000, 128 * 1024);

    /// <summary>Sessions at once per listener. 0 = no cap.</summary>
    public int MaxSessionsPerListener { get; set; }

    /// <summary>Sessions at once per client: an IPv4 address, or an IPv6 network of
    /// <see cref="ClientPrefixV6"/> (100). 0 = no cap.</summary>
    public int MaxSessionsPerClient { get; set; } = 100;

    /// <summary>Connections that a client may make in a minute (300); it may make all of them at once. 0 = as many as it likes.</summary>
    public int ConnectionsPerMinutePerClient { get; set; } = 300;

    /// <summary>How many bits of an IPv6 address name one client (64): the smallest network that one customer gets (RFC 6177).</summary>
    public int ClientPrefixV6 { get; set; } = 64;

    /// <summary>Networks that the limits for each client leave alone, separated by commas: this machine and private networks, from where
    /// balancers, gateways and address translators come, behind whose one address are many clients.</summary>
    public string ClientLimitExempt
        { get; set; } = "127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10";

    /// <summary>TLS handshakes with clients that may be under way at once in the whole process (1,000, and at most one for each
    /// 256 KiB of memory); half of them from <see cref="ClientLimitExempt"/>. 0 = no cap.</summary>
    public int MaxHandshakes { get; set; } = AvailableMemory.Places(1_000, 256 * 1024);

    /// <summary>TLS handshakes that may be under way at once per client (50). 0 = no cap.</summary>
    public int MaxHandshakesPerClient { get; set; } = 50;

    /// <summary>Octets of all sessions that may wait in the process's own memory (256 MiB, and at most an eighth of what there is); then
    /// whoever makes them more is paused, and new sessions are answered 421. 0 = no cap. Applies to all sessions at once.</summary>
    public long QueueMemory { get; set; } = AvailableMemory.Share(Transport.Resources.QueueMemory.DefaultLimit, 8);

    /// <summary>Octets that the records of all sessions may hold, for journal and traces (256 MiB, and at most an eighth of what there is);
    /// then they are cut short. 0 = no cap. Applies to all sessions at once.</summary>
    public long RecordMemory { get; set; } = AvailableMemory.Share(Telemetry.Records.RecordMemory.DefaultLimit, 8);

    /// <summary>Octets that commands without a reply may take where a client has more than 64 of them (64 MiB, and at most a sixteenth of
    /// what there is); then a session that sends yet more is tracked no further. 0 = no cap. Applies to all sessions at once.</summary>
    public long DialogueMemory { get; set; } = AvailableMemory.Share(ExchangeMemory.DefaultLimit, 16);

    /// <summary>How long a relay may take to accept a connection (30 seconds).</summary>
    public TimeSpan Connect { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a TLS handshake of the proxy's own may take, with a client or with a relay (30 seconds).</summary>
    public TimeSpan TlsHandshake { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the relay's greeting may take, from the connection to its last line (5 minutes).</summary>
    public TimeSpan Greeting { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a reply may take to any command not named below: to its first octet, and again from there to
    /// its last line (5 minutes).</summary>
    public TimeSpan Reply { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the reply to DATA may take (2 minutes).</summary>
    public TimeSpan DataReply { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long the reply to the end of data may take (10 minutes).</summary>
    public TimeSpan FinalReply { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the client may be silent between commands (5 minutes).</summary>
    public TimeSpan ClientIdle { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a command line, or a SASL response, may take from its first octet to its end (5 minutes).</summary>
    public TimeSpan Command { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the client may be silent inside message data (3 minutes).</summary>
    public TimeSpan DataBlock { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>Octets a second that a client must send of a message, on average; who is slower than that for
    /// <see cref="DataBlock"/> is too slow (1).
    /// 0 = any pace will do.</summary>
    public int MinDataRate { get; set; } = 1;

    /// <summary>How long a peer may take none of the octets that wait for it (3 minutes).</summary>
    public TimeSpan Write { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>How long an encrypted or otherwise unseen session may be silent in both directions (10 minutes).</summary>
    public TimeSpan OpaqueIdle { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long one direction may stay open after the other has ended (5 minutes). A reply that the relay owes to a client
    /// that has half-closed has its own time.</summary>
    public TimeSpan HalfClosed { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the listeners stay open after a stop was asked for, while <c>/readyz</c> says 503 already (0): the time that
    /// a balancer takes to send nobody any more.</summary>
    public TimeSpan StopDelay { get; set; }

    /// <summary>How long transactions may go on after the listeners were closed (30 seconds).</summary>
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(30);
}
