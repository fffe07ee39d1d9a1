using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Admitting;

public sealed class AdmissionTests
{
    private const string Alice = "192.0.2.1";
    private const string Bob = "2001:db8::1";
    private readonly Admission _admission = new();
    private readonly Stack<Place> _places = new();

    [Fact]
    public void Enter_AboveAllSessions_NamesTheLimit_AndARefusedOneCountsNowhere()
    {
        var limits = new SessionLimits { MaxSessions = 1 };

        Assert.Null(Enter(Alice, limits));
        for (var n = 0; n < 6; n++)
        {
            Assert.Equal("sessions", Enter(Bob, limits));
        }

        Assert.Equal(1, _admission.Count);
        _places.Pop().Leave();
        Assert.Null(Enter(Bob, limits));
    }

    [Fact]
    public void Enter_AboveTheListeners_NamesTheLimitAndSparesOthers()
    {
        var limits = new SessionLimits { MaxSessionsPerListener = 1 };

        Assert.Null(Enter(Alice, limits));
        Assert.Equal("sessions_per_listener", Enter(Bob, limits));
        Assert.Null(Enter(Bob, limits, listener: "other"));
    }

    [Fact]
    public void Enter_AboveTheClients_NamesTheLimitAndSparesOthers()
    {
        var limits = new SessionLimits { MaxSessionsPerClient = 1 };

        Assert.Null(Enter(Alice, limits));
        Assert.Equal("sessions_per_client", Enter(Alice, limits));
        Assert.Equal("sessions_per_client", Enter($"::ffff:{Alice}", limits));
        Assert.Null(Enter("192.0.2.2", limits));
        Assert.Null(Enter(Bob, limits));
        Assert.Equal("sessions_per_client", Enter("2001:db8::ffff:0:0:1", limits));
        Assert.Null(Enter("2001:db8:0:1::1", limits));
        Assert.Equal(4, _admission.Count);
    }

    [Fact]
    public void Enter_AnotherPrefixMeanwhile_EverySessionIsStillCountedOut()
    {
        const string Carol = "2001:db8:0:5::1";
        var limits = new SessionLimits { MaxSessionsPerClient = 1 };
        var wider = limits with { ClientPrefixV6 = 48 };
        Assert.Null(Enter(Carol, limits));
        Assert.Null(Enter(Carol, wider));
        Assert.Equal("sessions_per_client", Enter(Carol, wider));

        while (_places.TryPop(out var place))
        {
            place.Leave();
            place.Leave();
        }

        Assert.Equal(0, _admission.Count);
        Assert.Null(Enter(Carol, limits));
        Assert.Null(Enter(Carol, wider));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.31.0.1", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.7.7", true)]
    [InlineData("fd00::1", true)]
    [InlineData("100.64.0.1", false)]
    [InlineData(Alice, false)]
    [InlineData(Bob, false)]
    public void Enter_FromExemptNetworks_NoLimitForEachClientApplies(string client, bool isExempt)
    {
        var limits = new SessionLimits { MaxSessionsPerClient = 1, ConnectionsPerMinutePerClient = 1, MaxHandshakesPerClient = 1 };
        Assert.Null(Enter(client, limits));
        Assert.Equal(isExempt ? null : "sessions_per_client", Enter(client, limits));
        Assert.Equal("sessions_per_client", Enter(client, limits with { ClientLimitExempt = "" }));
    }

    [Fact]
    public void Enter_ByAUnixDomainSocket_NoLimitForEachClientApplies()
    {
        var limits = new SessionLimits
            { MaxSessionsPerClient = 1, ConnectionsPerMinutePerClient = 1, MaxSessions = 2, ClientLimitExempt = "" };
        Assert.Null(Enter(null, limits));
        Assert.Null(Enter(null, limits));
        Assert.Equal("sessions", Enter(null, limits));
    }

    [Fact]
    public void Enter_AboveTheListenersOwnCaps_NamesTheLimitAndSparesOthers_ButNotExemptNetworks()
    {
        var own = ListenerPolicy.Open with { MaxSessions = 2, MaxSessionsPerClient = 1 };

        Assert.Null(Enter("127.0.0.1", policy: own));
        Assert.Equal("sessions_per_client", Enter("127.0.0.1", policy: own));
        Assert.Null(Enter("127.0.0.1", policy: own, listener: "other"));
        Assert.Null(Enter(Bob, policy: own));
        Assert.Equal("sessions_per_listener", Enter(Alice, policy: own));
    }

    [Theory]
    [InlineData("", "", null)]
    [InlineData("192.0.2.0/24", "", null)]
    [InlineData("198.51.100.0/24", "", "denied_network")]
    [InlineData("192.0.2.0/24", "192.0.2.1", "denied_network")]
    [InlineData("", "::/0", null)]
    public void Enter_ByNetwork_DenyWinsOverAllow(string allow, string deny, string? limit)
    {
        Assert.Null(Networks.TryParse(allow, out var allowed));
        Assert.Null(Networks.TryParse(deny, out var denied));
        var policy = new ListenerPolicy(allowed, denied, 0, 0);
        Assert.Equal(limit, Enter(Alice, policy: policy));
        Assert.Null(Enter(null, policy: policy));
    }

    [Fact]
    public void Enter_TooOften_NamesTheLimit_UntilTimeHasPassed()
    {
        var limits = new SessionLimits { ConnectionsPerMinutePerClient = 2 };
        Assert.Null(Enter(Alice, limits));
        Assert.Null(Enter(Alice, limits));
        Assert.Equal("connection_rate", Enter(Alice, limits));
        Assert.Null(Enter("192.0.2.2", limits));
        Assert.Equal(3, _admission.Count);
        Assert.Null(Enter(Alice, limits, at: TimeSpan.FromSeconds(30)));
        Assert.Equal("connection_rate", Enter(Alice, limits, at: TimeSpan.FromSeconds(31)));
    }

    [Fact]
    public void Enter_WhileTooManyShakeHands_NamesTheLimit_AndSparesWhoDoesNot()
    {
        var limits = new SessionLimits { MaxHandshakes = 2, MaxHandshakesPerClient = 1 };
        Assert.Null(Enter(Alice, limits, shakes: true));
        Assert.Equal("handshakes_per_client", Enter(Alice, limits, shakes: true));
        Assert.Null(Enter(Alice, limits));
        Assert.Null(Enter("127.0.0.1", limits, shakes: true));
        Assert.Null(_places.Peek().TryShake());
        Assert.Equal("handshakes", Enter(Bob, limits, shakes: true));

        _places.Peek().HasShaken();
        _places.Peek().HasShaken();
        Assert.Equal(1, _admission.Handshakes.Count);
        Assert.Null(Enter(Bob, limits, shakes: true));
    }

    [Fact]
    public void Enter_WhileTheSparedShakeHalfOfAllHands_RefusesThem_AndNobodyElse()
    {
        var limits = new SessionLimits { MaxHandshakes = 5, MaxHandshakesPerClient = 1 };
        Assert.Null(Enter("127.0.0.1", limits, shakes: true));
        Assert.Null(Enter("10.0.0.1", limits, shakes: true));
        Assert.Null(Enter(null, limits));
        Assert.Null(_places.Peek().HandshakeTooMany());
        Assert.Null(_places.Peek().TryShake());
        Assert.Equal("handshakes", Enter("10.0.0.2", limits, shakes: true));
        Assert.Null(Enter("10.0.0.2", limits));
        Assert.Equal("handshakes", _places.Pop().HandshakeTooMany()?.Limit);
        Assert.Null(Enter(Alice, limits, shakes: true));
        Assert.Null(Enter(Bob, limits, shakes: true));
        Assert.Equal("handshakes", Enter("192.0.2.3", limits, shakes: true));

        _places.ToList().ForEach(static place => place.Leave());
        Assert.Equal(0, _admission.Handshakes.Count);
        Assert.Null(Enter("127.0.0.1", limits, shakes: true));
    }

    [Fact]
    public void Enter_WithoutACapOnHandshakes_RefusesNoneOfTheSpared()
    {
        var limits = new SessionLimits { MaxHandshakes = 0 };
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Null(Enter("127.0.0.1", limits, shakes: true)));
    }

    [Fact]
    public void Leave_InTheMiddleOfAHandshake_EndsIt()
    {
        Assert.Null(Enter(Alice, shakes: true));
        Assert.Equal(1, _admission.Handshakes.Count);
        _places.Peek().Leave();
        Assert.Equal((0, 0), (_admission.Count, _admission.Handshakes.Count));
    }

    [Fact]
    public void Leave_OfAClientThatMayHaveOneOnAListener_LetsItInAgain()
    {
        var own = ListenerPolicy.Open with { MaxSessionsPerClient = 1 };
        for (var n = 0; n < 3; n++)
        {
            Assert.Null(Enter(Alice, policy: own));
            Assert.Equal("sessions_per_client", Enter(Alice, policy: own));
            _places.Pop().Leave();
        }
    }

    private string? Enter(
        string? client, SessionLimits? limits = null, ListenerPolicy? policy = null, string listener = "in", bool shakes = false,
        TimeSpan at = default)
    {
        EndPoint from = client is null ? new UnixDomainSocketEndPoint("/run/in.sock") : new IPEndPoint(IPAddress.Parse(client), 1000);
        var arrival = new Arrival(from, new IPEndPoint(IPAddress.Loopback, 25), (long)(at.TotalSeconds * Stopwatch.Frequency));
        var refusal = _admission.Enter(listener, arrival, limits ?? new SessionLimits(), policy ?? ListenerPolicy.Open, shakes,
            out var place);
        Assert.Equal(refusal is null, place is not null);
        if (place is not null)
        {
            _places.Push(place);
        }

        return refusal?.Limit;
    }
}
