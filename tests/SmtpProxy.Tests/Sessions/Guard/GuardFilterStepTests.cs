using System.Text;
using Microsoft.Extensions.Logging;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Guard;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tests.Sessions.Pipeline;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>The guard between two filters that write down what reaches them: what it does with each event, and no more.</summary>
public sealed class GuardFilterStepTests : ITrustWitness
{
    private const string Refused = "550 5.7.0 Command not permitted from your address|";
    private readonly SessionBed _bed = new();
    private readonly TestPair _pair = new();
    private readonly List<string> _told = [];
    private readonly List<string> _logged = [];
    private readonly SessionContext _context;
    private readonly GuardFilter _guard;

    public GuardFilterStepTests()
    {
        _context = new SessionContext(_pair, new SessionLimits(), _bed.Host.Telemetry.Open("inbound", "relays"), null, static e => throw e);
        var rules = new GuardRules("inbound", _bed.Host.Telemetry, new Lines(_logged));
        _guard = new GuardFilter(_context, rules, new StartTlsTalk(null, _pair), this);
        new FilterProbe(_told).Follow(_guard).Follow(new ClientEnd(_context, _told));
        _context.Dialogue.Accepted(_context.ClientAddress, _context.LocalAddress, _pair.Now, _pair.Now);
        _guard.Begin();
    }

    /// <summary>Who reads the log is told why: it is not the client's network that is to be changed.</summary>
    [Theory]
    [InlineData(null, "no network of SmtpProxy:Listeners:inbound:XClientFrom is the client's")]
    [InlineData("mx", "the proxy introduces clients to this relay itself")]
    public void Command_OfSomebodyElse_IsToldWithTheReason(string? introduceAs, string why)
    {
        _guard.Dial(new RelayTarget(new DialTarget(_pair.Local, TimeSpan.FromSeconds(1))) { IntroduceAs = introduceAs });
        Relay("220 mx\r\n");
        Client("XCLIENT A\r\n");
        Assert.Equal($"> dial; < 220 mx|; < {Refused}", Told());
        Assert.Contains(why, Assert.Single(_logged), StringComparison.Ordinal);
    }

    /// <summary>Whoever ends the session may take his time: it is asked once, and nobody is answered meanwhile.</summary>
    [Fact]
    public void Doubt_EndsTheSessionOnce_AndNothingIsSaidAfterIt()
    {
        Relay("220 mx\r\n");
        Client("NOOP\r\nXCLIENT A\r\n");
        Client("BDAT 11\r\nXCLIENT A\r\n");
        Assert.Equal("< 220 mx|; > NOOP|; > BDAT 11|; EndUnidentified", Told());
        Client("QUIT\r\n");
        Relay("250 noop\r\n");
        Assert.Equal("< 250 noop|", Told());
        Assert.Equal(1, _bed.Limits("xclient_blocked"));
    }

    /// <summary>Nobody copies a record while something is said, and everybody may once that has gone on (its change is over).</summary>
    [Fact]
    public void Replies_AreHeard_WhileTheRecordChanges_AndItIsAtRestAfterThem()
    {
        Relay("220 mx\r\n");
        Client("NOOP\r\nXCLIENT A\r\nNOOP\r\nEHLO c\r\n");
        Relay("250 a\r\n250 b\r\n");
        Assert.Equal($"< 220 mx|; > NOOP|; > NOOP|EHLO c|; < 250 a|; < {Refused}; < 250 b|", Told());
        Relay("250-mx\r\n");
        Assert.Equal("< 250-mx|", Told());
        _guard.RelayEnded(EndKind.Fin);
        Assert.Equal("< Fin", Told());
        Assert.False(ClientEnd.IsChanging(_context.Telemetry));
    }

    void ITrustWitness.Offers(TrustOffer offered)
    {
    }

    private void Relay(string text)
    {
        _guard.FromRelay(Encoding.Latin1.GetBytes(text), Origin.Relay);
        _guard.Settle();
        Assert.False(ClientEnd.IsChanging(_context.Telemetry));
    }

    private void Client(string text)
    {
        _guard.FromClient(Encoding.Latin1.GetBytes(text));
        _guard.Settle();
    }

    private string Told()
    {
        var told = string.Join("; ", _told);
        _told.Clear();
        return told;
    }

    /// <summary>The client's end, which settles what it is given as the session does.</summary>
    private sealed class ClientEnd(SessionContext context, List<string> told) : SessionFilter
    {
        public static bool IsChanging(SessionTelemetry telemetry)
        {
            using var change = telemetry.Change();
            return change.Equals(default(OpenSession.Change));
        }

        public override void FromRelay(ReadOnlySpan<byte> octets, Origin origin)
        {
            Assert.True(IsChanging(context.Telemetry));
            told.Add("< " + Encoding.Latin1.GetString(octets).Replace("\r\n", "|", StringComparison.Ordinal));
            context.Dialogue.Settle(null, context.Clock());
        }

        public override void RelayEnded(EndKind how) => told.Add("< " + how);

        public override void Signalled(SessionSignal signal) => told.Add(signal.ToString());
    }

    private sealed class Lines(List<string> logged) : ILogger
    {
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => logged.Add(formatter(state, exception));

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}
