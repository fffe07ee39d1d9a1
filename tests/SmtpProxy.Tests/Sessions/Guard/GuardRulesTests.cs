using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Guard;
using SmtpProxy.Tests.Sessions.Pipeline;

namespace SmtpProxy.Tests.Sessions.Guard;

public sealed class GuardRulesTests
{
    private readonly SessionBed _bed = new();
    private readonly TestPair _pair = new();
    private readonly List<string> _logged = [];

    [Fact]
    public void Blocked_ByAnybody_IsCountedEachTime_AndToldOnceInAWhile_WithHowManyWereNot()
    {
        var rules = Rules();
        rules.Blocked(_pair, introduces: false);
        rules.Blocked(_pair, introduces: false);
        _pair.Pass(TimeSpan.FromSeconds(9.9));
        rules.Blocked(_pair, introduces: false);
        Assert.Single(_logged);
        _pair.Pass(TimeSpan.FromSeconds(0.1));
        rules.Blocked(_pair, introduces: true);
        _pair.Pass(TimeSpan.FromSeconds(10));
        rules.Blocked(_pair, introduces: true);

        Assert.Equal(
            [
                "no network of SmtpProxy:Listeners:inbound:XClientFrom is the client's (0 more since the last such line)",
                "the proxy introduces clients to this relay itself (Smtp.XClient) (2 more since the last such line)",
                "the proxy introduces clients to this relay itself (Smtp.XClient) (0 more since the last such line)",
            ],
            _logged.Select(static line => line[(line.IndexOf("relay: ", StringComparison.Ordinal) + 7)..]));
        Assert.Equal(5, _bed.Limits("xclient_blocked"));
    }

    [Fact]
    public void Trusts_NamedNetworks_AndNobodyWithoutAnAddress()
    {
        var rules = Rules();
        var (alice, bob) = (new IPEndPoint(IPAddress.Parse("192.0.2.7"), 1), new IPEndPoint(IPAddress.Parse("198.51.100.1"), 1));
        Assert.False(rules.Trusts(alice));
        Assert.Null(Networks.TryParse("192.0.2.0/24", out var networks));
        rules.XClientFrom = networks;
        Assert.Equal((true, false, false), (rules.Trusts(alice), rules.Trusts(bob), rules.Trusts(new UnixDomainSocketEndPoint("/run/in"))));
    }

    [Fact]
    public void Bounds_ThatAreMet_AreCounted()
    {
        var rules = Rules();
        rules.Unfollowed();
        rules.Full();
        Assert.Equal((1, 1), (_bed.Limits("tls_required"), _bed.Limits("client_backlog")));
    }

    /// <summary>The relay owes a reply, and the client speaks on: it is read no further, until that is there.</summary>
    [Fact]
    public void Client_ThatSaysMoreThanIsKept_WaitsForTheReply_WhichIsCountedOnce()
    {
        var said = "DATA\r\n" + string.Concat(Enumerable.Repeat("some text of a message\r\n", 5_000)) + ".\r\n";
        _bed.Sim.Relay.Says("220 mx\r\n");
        _bed.Sim.Client.Awaits("220 mx\r\n").Says(said).Awaits("250 queued\r\n").Fin();
        _bed.Sim.Run();
        Assert.True(_bed.Sim.Pair.ClientLeg.IsPaused);
        Assert.Equal(1, _bed.Limits("client_backlog"));

        _bed.Sim.Relay.Says("050 busy\r\n");
        _bed.Sim.Run();
        Assert.Equal(1, _bed.Limits("client_backlog"));

        _bed.Sim.Relay.Says("354 go\r\n").Awaits("\r\n.\r\n").Says("250 queued\r\n").Fin();
        _bed.Sim.RunToEnd();
        Assert.Equal(said, _bed.Sim.Relay.Heard);
        Assert.Equal("220 mx\r\n050 busy\r\n354 go\r\n250 queued\r\n", _bed.Sim.Client.Heard);
        Assert.Equal(1, _bed.Limits("client_backlog"));
    }

    /// <summary>16 KiB of it wait, and not an octet more.</summary>
    [Theory]
    [InlineData(16 * 1024, false)]
    [InlineData(16 * 1024 + 1, true)]
    public void Client_ThatSaysAsMuchAsIsKept_IsReadOn(int octets, bool isPaused)
    {
        _bed.Sim.Relay.Says("220 mx\r\n");
        _bed.Sim.Client.Awaits("220 mx\r\n").Says("DATA\r\n" + new string('y', octets));
        _bed.Sim.Run();
        Assert.Equal((isPaused, isPaused ? 1 : 0), (_bed.Sim.Pair.ClientLeg.IsPaused, _bed.Limits("client_backlog")));
        Assert.Equal(octets + 6, _bed.Sim.Relay.Heard.Length);
    }

    /// <summary>A command that is answered here is kept up to 2,048 octets.</summary>
    [Theory]
    [InlineData(2048, "550 5.7.0 Command not permitted from your address\r\n")]
    [InlineData(2049, "500 5.5.2 Line too long\r\n")]
    [InlineData(40_000, "500 5.5.2 Line too long\r\n")]
    public void Command_LongerThanIsKept_IsRefusedAsTooLong(int length, string answer)
    {
        _bed.Sim.Relay.Says("220 mx\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        _bed.Sim.Client.Awaits("220 mx\r\n").Says("XCLIENT " + new string('x', length - 10) + "\r\n").Awaits("5").Awaits("\r\n")
            .Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        _bed.Sim.RunToEnd();
        Assert.Equal($"220 mx\r\n{answer}221 bye\r\n", _bed.Sim.Client.Heard);
        Assert.Equal("QUIT\r\n", _bed.Sim.Relay.Heard);
    }

    private GuardRules Rules() => new("inbound", _bed.Host.Telemetry, new Lines(_logged));

    private sealed class Lines(List<string> logged) : ILogger
    {
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => logged.Add(formatter(state, exception));

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}
