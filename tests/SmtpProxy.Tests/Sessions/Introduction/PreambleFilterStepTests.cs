using System.Net;
using System.Security.Authentication;
using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Introduction;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Security;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tests.Faults;
using SmtpProxy.Tests.Sessions.Pipeline;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Introduction;

/// <summary>What each thing that happens makes the introduction say, to the relay (<c>&gt;</c>), to the session (<c>&lt;</c>) and to
/// the connection.</summary>
public sealed class PreambleFilterStepTests : IDisposable
{
    private const string Ehlo = "250-mx\r\n250-STARTTLS\r\n250 XCLIENT ADDR PORT\r\n";
    private const string XClient = "> XCLIENT ADDR=127.0.0.1 PORT=1|";
    private static readonly SessionLimits Limits = new()
        { Greeting = TimeSpan.FromSeconds(10), Reply = TimeSpan.FromSeconds(20), TlsHandshake = TimeSpan.FromSeconds(7) };

    private readonly FaultRig _rig = new(new SmtpProxy.Faults.FaultsOptions { Enabled = false });
    private readonly TestPair _pair = new();
    private readonly FilterProbe _relay;
    private readonly SessionTls _tls;
    private readonly PreambleFilter _filter;

    public PreambleFilterStepTests()
    {
        var telemetry = new SessionBed().Host.Telemetry;
        var end = new IPEndPoint(IPAddress.Loopback, 1);
        new Admission().Enter("in", new Arrival(end, end, 1), Limits, ListenerPolicy.Open, false, out var place);
        _tls = new SessionTls(null, place!, telemetry);
        var context = new SessionContext(_pair, Limits, telemetry.Open("inbound", "relays"), _tls, static e => throw e);
        _filter = new PreambleFilter(context, new IntroductionLog(_rig));
        _relay = new FilterProbe(_pair.Told);
        _relay.Follow(_filter).Follow(new FilterProbe(_pair.Told));
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Relay_OfWhichNothingIsAsked_IsTheSessionsAtOnce()
    {
        Dial(RelayTlsMode.None, introduces: false);
        Assert.Equal("> dial; < Connected", _pair.TakeTold());
        Hear("220 mx\r\n");
        _filter.FromClient("EHLO c\r\n"u8);
        _filter.Splice(Leg.Client, 7);
        _filter.ShutRelay();
        _filter.RelayEnded(EndKind.Reset);
        _filter.ResetRelay();
        Assert.Equal("< 220 mx|; > EHLO c|; > splice Client 7; > fin; < Reset; > rst", _pair.TakeTold());
        Assert.True(_filter.TimedOut(PairTimer.RelayHandshake));
        Assert.False(_filter.TimedOut(PairTimer.RelayRead));
        Assert.Equal("", _pair.TakeTold());
        Assert.Empty(_rig.Logged);
    }

    [Fact]
    public void Dial_ThatFails_IsTheSessionsToHear()
    {
        Dial(RelayTlsMode.None, introduces: true, DialOutcome.Refused);
        Assert.Equal("> dial; < Refused", _pair.TakeTold());
    }

    /// <summary>The greeting has its time, and all that is asked after it has the time of one reply.</summary>
    [Fact]
    public void Relay_ThatIsToldTheClient_HasItsTimes_AndTheSessionHearsWhatWasTaken()
    {
        Dial(RelayTlsMode.None, introduces: true);
        Assert.Equal("> dial; RelayHandshake 10000", _pair.TakeTold());
        Pass(2);
        Hear("220-mx\r\n");
        Assert.Equal("", _pair.TakeTold());
        Hear("220 first\r\n");
        Assert.Equal("RelayHandshake 20000; > EHLO proxy.example|", _pair.TakeTold());
        Pass(5);
        Hear(Ehlo);
        Assert.Equal("RelayHandshake 15000; " + XClient, _pair.TakeTold());
        Pass(1);
        Hear("220 again\r\n");
        Assert.Equal("no RelayHandshake; < Connected after 8 s, greeted in 2 s; < 220 again|", _pair.TakeTold());
        Hear("221 bye\r\n");
        Assert.Equal("< 221 bye|", _pair.TakeTold());
    }

    [Fact]
    public void Relay_ThatHasUsedUpItsTime_HasNoneForTheNextReply()
    {
        Dial(RelayTlsMode.None, introduces: true);
        Hear("220 mx\r\n");
        Pass(21);
        _pair.TakeTold();
        Hear(Ehlo);
        Assert.Equal("RelayHandshake 0; " + XClient, _pair.TakeTold());
        Assert.True(_filter.TimedOut(PairTimer.RelayHandshake));
        Assert.Equal("no RelayHandshake; > rst; < IntroductionFailed the relay did not answer XCLIENT in time after 21 s, greeted in 0 s",
            _pair.TakeTold());
        Assert.StartsWith("210", Assert.Single(_rig.Logged), StringComparison.Ordinal);
    }

    [Fact]
    public void Greeting_ThatDoesNotCome_FailsTheRelay_AndNobodyIsTold()
    {
        Dial(RelayTlsMode.None, introduces: true);
        _pair.TakeTold();
        Assert.False(_filter.TimedOut(PairTimer.Session));
        Assert.True(_filter.TimedOut(PairTimer.RelayHandshake));
        Assert.Equal("no RelayHandshake; > rst; < GreetingFailed the relay sent no greeting in time", _pair.TakeTold());
        Assert.Empty(_rig.Logged);
    }

    /// <summary>After a time in which a relay refused to be told, one that takes it again is worth a line.</summary>
    [Fact]
    public void Relay_ThatTakesItAgain_IsToldOf_AndOneThatIsNotAskedIsNot()
    {
        void Talk(bool introduces, string reply)
        {
            Dial(introduces ? RelayTlsMode.None : RelayTlsMode.Opportunistic, introduces);
            Hear("220 mx\r\n");
            Hear("250-mx\r\n250 XCLIENT ADDR PORT\r\n");
            if (introduces)
            {
                Hear(reply);
            }

            Pass(61);
        }

        Talk(introduces: true, "550 not you\r\n");
        Talk(introduces: false, "");
        Assert.Single(_rig.Logged);
        Talk(introduces: true, "220 again\r\n");
        Assert.Equal(["210", "211"], _rig.Logged.Select(static line => line[..3]));
    }

    /// <summary>The relay is told QUIT, has a short time to go, and neither side hears anything of the other.</summary>
    [Theory]
    [InlineData("ends", "no RelayHandshake")]
    [InlineData("is late", "> rst")]
    [InlineData("is reset", "no RelayHandshake; > rst")]
    public void Relay_ThatTurnsTheClientAway_IsLeft(string then, string told)
    {
        Dial(RelayTlsMode.None, introduces: true);
        _pair.TakeTold();
        Hear("554 no mail\r\n");
        Assert.Equal("no RelayHandshake; > QUIT|; > fin; RelayHandshake 5000; < Connected; < 554 no mail|; < Fin", _pair.TakeTold());
        _relay.Waits = 6;
        Hear("221 bye\r\n");
        _filter.FromClient("EHLO c\r\n"u8);
        _filter.Splice(Leg.Client, 7);
        _filter.ShutRelay();
        Assert.Equal(("", 0), (_pair.TakeTold(), _filter.Unsent));
        switch (then)
        {
            case "ends":
                _filter.RelayEnded(EndKind.Fin);
                break;
            case "is late":
                Assert.True(_filter.TimedOut(PairTimer.RelayHandshake));
                break;
            default:
                _filter.ResetRelay();
                break;
        }

        Assert.Equal(told, _pair.TakeTold());

        // The next relay is another one.
        Dial(RelayTlsMode.None, introduces: false);
        _filter.FromClient("EHLO c\r\n"u8);
        Assert.Equal(("> dial; < Connected; > EHLO c|", 6), (_pair.TakeTold(), _filter.Unsent));
    }

    /// <summary>The client's end goes on after what the proxy says, once, and to no other relay.</summary>
    [Fact]
    public void End_OfTheClientMeanwhile_GoesOnAfterTheIntroduction()
    {
        Dial(RelayTlsMode.None, introduces: true);
        _filter.ShutRelay();
        Hear("220 mx\r\n");
        Hear(Ehlo);
        _pair.TakeTold();
        Hear("220 again\r\n");
        Assert.Equal("no RelayHandshake; < Connected; < 220 again|; > fin", _pair.TakeTold());

        Dial(RelayTlsMode.Implicit, introduces: false);
        _filter.ShutRelay();
        Assert.Equal("> dial; secure Relay 7000", _pair.TakeTold());
        Assert.True(Secure(Leg.Relay, null));
        Assert.Equal("< Connected; > fin", _pair.TakeTold());

        Dial(RelayTlsMode.None, introduces: true);
        _filter.ShutRelay();
        Dial(RelayTlsMode.None, introduces: false);
        Assert.DoesNotContain("> fin", _pair.TakeTold(), StringComparison.Ordinal);
    }

    [Fact]
    public void Relay_ThatSpeaksTlsAtOnce_IsConnectedAfterIt_OrNot()
    {
        Dial(RelayTlsMode.Implicit, introduces: false);
        _pair.TakeTold();
        Assert.False(Secure(Leg.Client, null));
        Assert.Equal("", _pair.TakeTold());
        Pass(3);
        Assert.True(Secure(Leg.Relay, null));
        Assert.Equal("< Connected after 3 s, greeted in 0 s", _pair.TakeTold());
        Assert.False(Secure(Leg.Relay, null));

        Dial(RelayTlsMode.Implicit, introduces: false);
        _pair.TakeTold();
        Assert.True(Secure(Leg.Relay, "no trust"));
        Assert.Equal("< TlsFailed no trust", _pair.TakeTold());

        Dial(RelayTlsMode.Implicit, introduces: true);
        _pair.TakeTold();
        Assert.True(Secure(Leg.Relay, null));
        Assert.Equal("RelayHandshake 10000", _pair.TakeTold());

        // One that was given up has no handshake any more.
        Dial(RelayTlsMode.Implicit, introduces: false);
        _filter.ResetRelay();
        _pair.TakeTold();
        Assert.False(Secure(Leg.Relay, null));
        Assert.Equal("", _pair.TakeTold());
    }

    /// <summary>While it lasts, the timer is the handshake's own.</summary>
    [Fact]
    public void StartTls_ThatIsRequired_HandshakeHasItsOwnTime()
    {
        StartTls();
        Hear("220 go\r\n");
        Assert.Equal("no RelayHandshake; secure Relay 7000", _pair.TakeTold());
        Assert.False(Secure(Leg.Client, null));
        Assert.True(_filter.TimedOut(PairTimer.RelayHandshake));
        Assert.Equal("", _pair.TakeTold());
        Assert.True(Secure(Leg.Relay, null));
        Assert.Equal("no RelayHandshake; < Connected; < 220 mx|", _pair.TakeTold());
        Assert.Null(_tls.Identified);

        StartTls();
        Hear("220 go\r\n");
        _pair.TakeTold();
        Assert.True(Secure(Leg.Relay, "no trust"));
        Assert.Equal("no RelayHandshake; > rst; < TlsFailed the handshake failed", _pair.TakeTold());

        StartTls();
        Hear("220 go\r\n");
        _pair.TakeTold();
        _filter.ResetRelay();
        Assert.Equal("> rst", _pair.TakeTold());
        Assert.False(Secure(Leg.Relay, null));
    }

    /// <summary>What the relay answered to the proxy's EHLO holds for the client, where it would take no other, and for no other
    /// relay.</summary>
    [Fact]
    public void Relay_ThatOffersNoTls_IsTakenAsItIs_AndItsEhloIsKept()
    {
        Dial(RelayTlsMode.Opportunistic, introduces: false);
        Hear("220 mx\r\n");
        _pair.TakeTold();
        Hear("250 mx\r\n");
        Assert.Equal("no RelayHandshake; < Connected; < 220 mx|", _pair.TakeTold());
        Assert.Equal("250 mx\r\n", Encoding.ASCII.GetString(_tls.Identified!));
        Dial(RelayTlsMode.None, introduces: false);
        Assert.Null(_tls.Identified);
    }

    /// <summary>Where nothing is required, an end in place of a greeting is for the session to judge; else it fails the relay.</summary>
    [Theory]
    [InlineData(RelayTlsMode.Opportunistic, "", "no RelayHandshake; < Connected; < Reset")]
    [InlineData(RelayTlsMode.Opportunistic, "220-m", "no RelayHandshake; < Connected; < 220-m; < Reset")]
    [InlineData(RelayTlsMode.Required, "",
        "no RelayHandshake; > rst; < GreetingFailed the relay closed the connection before its greeting")]
    public void End_InPlaceOfAGreeting_IsTheSessionsWhereNothingIsRequired(RelayTlsMode mode, string said, string told)
    {
        Dial(mode, introduces: false);
        _pair.TakeTold();
        if (said.Length > 0)
        {
            Hear(said);
        }

        _filter.RelayEnded(EndKind.Reset);
        Assert.Equal(told, _pair.TakeTold());
    }

    private void StartTls()
    {
        Dial(RelayTlsMode.Required, introduces: false);
        Hear("220 mx\r\n");
        _pair.TakeTold();
        Hear(Ehlo);
        Assert.Equal("RelayHandshake 20000; > STARTTLS|", _pair.TakeTold());
    }

    private void Dial(RelayTlsMode mode, bool introduces, DialOutcome outcome = DialOutcome.Connected)
    {
        _filter.Dial(new RelayTarget(new DialTarget(_pair.Local, TimeSpan.FromSeconds(1)))
            { IntroduceAs = introduces ? "proxy.example" : null, Tls = RelayTls.Default("mx") with { Mode = mode } });
        _filter.Dialled(new DialNote(new DialResult(outcome, null, null, null)));
    }

    private void Hear(string text) => _filter.FromRelay(Encoding.ASCII.GetBytes(text), Origin.Relay);

    private bool Secure(Leg leg, string? failure) => _filter.Secured(new TlsHandshake(leg, 0, 0, SslProtocols.Tls13, null, null,
        failure is null ? null : new AuthenticationException(failure)));

    private void Pass(double seconds) => _pair.Pass(TimeSpan.FromSeconds(seconds));
}
