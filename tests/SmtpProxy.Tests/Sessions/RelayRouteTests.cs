using System.Net;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions;
using SmtpProxy.Tests.Sessions.Pipeline;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions;

/// <summary>Which relays a session tries, what is reported of each, and what the client hears where none is left.</summary>
public sealed class RelayRouteTests
{
    private static readonly TimeSpan Connect = TimeSpan.FromSeconds(7);
    private readonly TestPair _pair = new();

    [Theory]
    [InlineData(DialOutcome.Refused, "ConnectFailed", "the relay refused the connection")]
    [InlineData(DialOutcome.TimedOut, "ConnectFailed", "the relay did not accept the connection in time")]
    [InlineData(DialOutcome.Unreachable, "ConnectFailed", "the relay cannot be reached over the network")]
    [InlineData(DialOutcome.Failed, "ConnectFailed", "the connection to the relay failed")]
    [InlineData(DialOutcome.TlsFailed, "TlsFailed", "TLS with the relay could not be established")]
    [InlineData(DialOutcome.GreetingFailed, "GreetingFailed", "it said so")]
    [InlineData(DialOutcome.IntroductionFailed, "IntroductionFailed", "the relay could not be told who the client is")]
    [InlineData(DialOutcome.IntroductionRefused, "IntroductionRefused", "the relay could not be told who the client is")]
    public void Dial_ThatFails_IsReported_AndItsCauseIsWhatTheClientHears(DialOutcome outcome, string report, string cause)
    {
        var relays = new FakeRelays(1);
        var route = Route(relays);
        Assert.True(route.TryNext(_pair, out var target));
        Assert.Equal((Connect, "relay-0", 1), (target.Connection.Timeout, route.Destination, relays.Open));

        route.DialFailed(new DialResult(outcome, null, null, "it said so"));
        Assert.False(route.TryNext(_pair, out _));

        Assert.Equal(["relay-0:" + report], relays.Reports);
        Assert.Equal((cause, 0), (route.Cause, relays.Open));
    }

    [Theory]
    [InlineData("all are away", "all are away")]
    [InlineData(null, "no relay is available")]
    public void Cause_WhereThereIsNoRelay_IsWhatThePoolSays(string? why, string cause)
    {
        var route = Route(new FakeRelays(0) { Why = why });
        Assert.False(route.TryNext(_pair, out _));
        Assert.Equal(cause, route.Cause);
    }

    [Fact]
    public void Relays_ThatFail_AreTriedInTheirOrder_EachOnce()
    {
        var relays = new FakeRelays(3);
        var route = Route(relays);
        Assert.Equal("", route.Cause);
        for (var n = 0; n < 3; n++)
        {
            Assert.Equal(n < 2, Next(route) == $"relay-{n}" && route.HasAnother);
            route.GreetingFailed($"cause {n}");
            Assert.Equal($"cause {n}", route.Cause);
        }

        Assert.False(route.TryNext(_pair, out var none));
        Assert.Equal(default, none);
        Assert.Equal("cause 2", route.Cause);
        Assert.Equal(["relay-0:GreetingFailed", "relay-1:GreetingFailed", "relay-2:GreetingFailed"], relays.Reports);
    }

    [Fact]
    public void Relays_OfWhichThereIsNone_AreTheCause()
    {
        var route = Route(new FakeRelays(0));
        Assert.False(route.TryNext(_pair, out _));
        Assert.Equal("no relay in cluster 'relays' is available", route.Cause);
    }

    [Theory]
    [InlineData(true, "Greeted")]
    [InlineData(false, "GreetingRefused")]
    public void Greeting_OfARelay_IsReportedOnce_AndNothingAfterIt(bool accepted, string report)
    {
        var relays = new FakeRelays(2);
        var route = Route(relays);
        route.Greeted(accepted);
        Assert.Empty(relays.Reports);
        Next(route);
        route.Greeted(accepted);
        route.Greeted(!accepted);
        route.GreetingFailed("late");
        Assert.Equal(["relay-0:" + report], relays.Reports);

        Next(route);
        route.Greeted(accepted);
        Assert.Equal(["relay-0:" + report, "relay-1:" + report], relays.Reports);
    }

    /// <summary>What was injected, or is this machine's own doing, says nothing of a relay.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Failure_ThatIsNotTheRelays_IsNotReported_AndTheNextOneIsItsOwn(bool isInjected)
    {
        var relays = new FakeRelays(2);
        var route = Route(relays);
        Next(route);
        if (isInjected)
        {
            route.SaysNothing();
            route.DialFailed(new DialResult(DialOutcome.Refused, null, null, null));
        }
        else
        {
            route.NotDialled();
            Assert.Equal("local resources are short, please try again later", route.Cause);
        }

        Assert.Empty(relays.Reports);
        Assert.Equal("relay-1", Next(route));
        route.DialFailed(new DialResult(DialOutcome.Refused, null, null, null));
        Assert.Equal(["relay-1:ConnectFailed"], relays.Reports);
    }

    [Fact]
    public void Release_OfTheRelay_EndsItsUse_AndWhatIsSaidOfItAfterThatIsNoNews()
    {
        var relays = new FakeRelays(2);
        var route = Route(relays);
        Next(route);
        route.Offers(TrustOffer.XClient);
        route.Release();
        route.Release();
        route.Offers(TrustOffer.XForward);
        route.Greeted(accepted: true);
        route.GreetingFailed("late");
        Assert.Equal((0, ""), (relays.Open, route.Cause));
        Assert.Empty(relays.Reports);
        Assert.Equal(["relay-0:XClient"], relays.Offered);
    }

    /// <summary>The configuration asks for more than it did when the session began.</summary>
    [Theory]
    [InlineData("mx", RelayTlsMode.None, false, false, false)]
    [InlineData("mx", RelayTlsMode.None, true, false, true)]
    [InlineData(null, RelayTlsMode.None, false, false, true)]
    [InlineData(null, RelayTlsMode.AsClient, false, false, true)]
    [InlineData(null, RelayTlsMode.Opportunistic, false, false, true)]
    [InlineData(null, RelayTlsMode.Required, true, false, false)]
    [InlineData(null, RelayTlsMode.Implicit, true, false, false)]
    [InlineData(null, RelayTlsMode.Implicit, false, true, true)]
    [InlineData("mx", RelayTlsMode.Implicit, false, true, false)]
    [InlineData("mx", RelayTlsMode.Required, true, true, true)]
    public void Relay_ThatAsksForMoreThanTheSessionCan_IsPassedOver_AndNotBlamed(
        string? xclient, RelayTlsMode mode, bool introduces, bool encrypts, bool serves)
    {
        var relays = new FakeRelays(2)
        {
            Identity = RelayIdentity.None with { XClientAs = xclient }, Tls = RelayTls.Default("relay.example") with { Mode = mode },
        };
        var route = Route(relays, (introduces ? RelayMeans.Introduction : 0) | (encrypts ? RelayMeans.Encryption : 0));
        Assert.Equal(serves, route.TryNext(_pair, out var target));
        Assert.Empty(relays.Reports);
        Assert.Equal(serves ? ("", 1) : ("the configuration has changed, please try again", 0), (route.Cause, relays.Open));
        Assert.Equal(serves ? xclient : null, target.IntroduceAs);
    }

    /// <summary>Who shall see the client's own address cannot be shown one of another family.</summary>
    [Theory]
    [InlineData("192.0.2.25", true)]
    [InlineData("2001:db8::25", false)]
    public void Relay_ThatCannotBeShownTheClient_IsPassedOver_AndNotBlamed(string address, bool serves)
    {
        var relays = new FakeRelays(1)
        {
            Identity = RelayIdentity.None with { Transparent = true }, At = _ => new IPEndPoint(IPAddress.Parse(address), 25),
        };
        var route = Route(relays);
        Assert.Equal(serves, route.TryNext(_pair, out var target));
        Assert.Empty(relays.Reports);
        Assert.Equal(serves ? "" : "the relay cannot be shown the client's address", route.Cause);
        Assert.Equal(serves ? AddressFamily.InterNetwork : (AddressFamily?)null, target.Connection.From?.AddressFamily);
    }

    private static RelayRoute Route(FakeRelays relays, RelayMeans means = RelayMeans.None) => new(relays, "relays", Connect, means);

    private string Next(RelayRoute route)
    {
        Assert.True(route.TryNext(_pair, out _));
        return route.Destination;
    }
}
