using System.Net;
using System.Text;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Pipeline;

/// <summary>What a session knows of its dialogue at each point of it, and once nothing can be recorded any more.</summary>
public sealed class DialogueTrackerStateTests
{
    private readonly SessionBed _bed = new();
    private readonly List<string> _failures = [];
    private readonly SessionTelemetry _telemetry;
    private readonly DialogueTracker _tracker;

    public DialogueTrackerStateTests()
    {
        _telemetry = _bed.Host.Telemetry.Open("inbound", "relays");
        _tracker = new DialogueTracker(_telemetry, e => _failures.Add(e.Message));
        _tracker.Accepted(new IPEndPoint(IPAddress.Loopback, 1), new IPEndPoint(IPAddress.Loopback, 25), 1, 1);
    }

    [Fact]
    public void State_AtEachPointOfASession_IsThatOfTheDialogue()
    {
        Assert.Equal("Relay's turn; owes Greeting; may speak", State());
        Says(Leg.Relay, "220-mx\r\n22");
        Assert.Equal("Relay's turn; owes Greeting; inside a reply", State());
        Says(Leg.Relay, "0 mx\r\n");
        Assert.Equal("Client's turn; may speak; at rest; greeted", State());
        Says(Leg.Client, "EH");
        Assert.Equal("Client's turn; command since 0; may speak; greeted", State());
        Says(Leg.Client, "LO c\r\n");
        Assert.Equal("Relay's turn; owes Ehlo; may speak; greeted", State());
        Says(Leg.Relay, "250 mx\r\n");
        Assert.Equal((DialogueProtocol.Smtp, "Client's turn; may speak; at rest; greeted"), (_tracker.Protocol, State()));
        Says(Leg.Client, "MAIL FROM:<a@b>\r\n");
        Says(Leg.Relay, "250 ok\r\n");
        Assert.Equal("Client's turn; may speak; greeted", State());
        Says(Leg.Client, "QUIT\r\n");
        Says(Leg.Relay, "221 bye\r\n");
        Assert.True(_tracker.Quit);
    }

    [Theory]
    [InlineData("220 mx\r\n", false)]
    [InlineData("400 no\r\n", true)]
    [InlineData("421 busy\r\n", true)]
    [InlineData("554 no\r\n", true)]
    public void Greeting_OfARelay_RefusesTheClientOrNot(string greeting, bool refuses)
    {
        Assert.False(_tracker.GreetingRefused);
        Says(Leg.Relay, greeting);
        Assert.Equal(refuses, _tracker.GreetingRefused);
    }

    /// <summary>Which reply is owed tells one wait from the next.</summary>
    [Fact]
    public void AwaitedReply_OfTwoCommands_IsNotTheSame()
    {
        Says(Leg.Relay, "220 mx\r\n");
        Assert.Null(_tracker.AwaitedReply);
        Says(Leg.Client, "EHLO c\r\nNOOP\r\n");
        Assert.Equal((1, 0), _tracker.AwaitedReply);
        Says(Leg.Relay, "250 mx\r\n");
        Assert.Equal((2, 0), _tracker.AwaitedReply);
    }

    [Fact]
    public void Octets_ThatNobodyNeedsToLookAt_AreThoseOfAnOpaqueSession()
    {
        Says(Leg.Relay, "220 mx\r\n");
        Assert.Equal(0, _tracker.Unexamined(Leg.Client));
        Says(Leg.Client, "\u0016\u0003\u0001\u0000\u0020\u0001\u0000\u0000\u001c like a ClientHello");
        Assert.True(_tracker.IsOpaque);
        Assert.False(_tracker.MaySpeak);
    }

    /// <summary>A record that failed says nothing any more, and the session takes it for one that is not followed.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("554 no\r\n")]
    [InlineData("220 mx\r\n")]
    [InlineData("220 mx\r\n|QUIT\r\n")]
    [InlineData("220 mx\r\n|EH")]
    [InlineData("220 mx\r\n|EHLO c\r\n|250-half")]
    public void Record_ThatFailed_SaysNothingOfTheDialogue(string said)
    {
        foreach (var (text, n) in said.Split('|').Select(static (text, n) => (text, n)))
        {
            Says(n % 2 == 0 ? Leg.Relay : Leg.Client, text);
        }

        _tracker.RecordFailed(new InvalidOperationException("first"));
        _tracker.RecordFailed(new InvalidOperationException("second"));
        Assert.Equal(["first"], _failures);
        Assert.Equal((true, DialogueProtocol.Unknown, ClientPhase.Opaque, long.MaxValue),
            (_tracker.IsOpaque, _tracker.Protocol, _tracker.Phase, _tracker.Unexamined(Leg.Client)));
        Assert.Equal(("Client's turn", null, false, false), (State(), _tracker.AwaitedReply, _tracker.GreetingRefused, _tracker.Quit));

        var before = _telemetry.SoFar(9, 0);
        _tracker.Begin(Leg.Client, "NOOP\r\n"u8, 5);
        _tracker.Settle(Leg.Relay, 6);
        Says(Leg.Relay, "250 ok\r\n");
        Assert.Equal(before, _telemetry.SoFar(9, 0));
    }

    /// <summary>Words of the proxy are its own, and what comes after them is the relay's again.</summary>
    [Fact]
    public void Origin_AfterWordsOfTheProxy_IsTheRelay()
    {
        Says(Leg.Relay, "220 mx\r\n");
        _tracker.Passed(Leg.Relay, "421 bye\r\n"u8, Origin.Proxy, 1, 1, null);
        Assert.Equal(Origin.Relay, _telemetry.Origin);
        _tracker.Spoke("421 bye\r\n"u8.ToArray(), 1);
        Assert.Equal(Origin.Relay, _telemetry.Origin);
    }

    /// <summary>While TLS that passes through begins, all of it is looked at: the handshake may fail in the clear.</summary>
    [Fact]
    public void Octets_OfAHandshakeThatPasses_AreLookedAt()
    {
        Says(Leg.Relay, "220 mx\r\n");
        Says(Leg.Client, "STARTTLS\r\n");
        Says(Leg.Relay, "220 go\r\n");
        Assert.Equal((true, 0, 0), (_tracker.IsOpaque, _tracker.Unexamined(Leg.Client), _tracker.Unexamined(Leg.Relay)));
    }

    /// <summary>A client that takes no octets is waited for until it does, whatever else goes on.</summary>
    [Fact]
    public void Time_WhileALegIsBlocked_IsThatLegs_UntilItIsNot()
    {
        Says(Leg.Relay, "220 mx\r\n");
        _tracker.Passed(Leg.Client, "EHLO c\r\nNOOP\r\n"u8, Origin.Relay, 101, 111, null);
        _tracker.Passed(Leg.Relay, "250 mx\r\n"u8, Origin.Relay, 201, 211, Leg.Client);
        _tracker.GoOn(301);
        Assert.Equal(new Shares(Client: 100 + 190, Relay: 90, Proxy: 20), _telemetry.SoFar(401, 0).Shares);
        _tracker.Unblocked(401);
        Assert.Equal(new Shares(Client: 100 + 190, Relay: 90 + 100, Proxy: 20), _telemetry.SoFar(501, 0).Shares);
    }

    /// <summary>What was read is the proxy's until it has gone on or come to nothing, each time again.</summary>
    [Fact]
    public void Time_BetweenReadingAndGoingOn_IsTheProxys()
    {
        Says(Leg.Relay, "220 mx\r\n");
        _tracker.ReadBy(new FactProbe(), readsRelay: true);
        _tracker.Begin(Leg.Relay, "250"u8, 101);
        _tracker.SettleIfOpen(null, 111);
        Assert.Equal(new Shares(Client: 100 + 90, Relay: 0, Proxy: 10), _telemetry.SoFar(201, 0).Shares);

        _tracker.BeginMore(201);
        _tracker.BeginMore(205);
        _tracker.Settle(null, 211);
        _tracker.SettleIfOpen(Leg.Relay, 221);
        Assert.Equal(new Shares(Client: 190 + 90, Relay: 0, Proxy: 20), _telemetry.SoFar(301, 0).Shares);

        _tracker.BeginMore(301);
        _tracker.Settle(null, 311);
        Assert.Equal(new Shares(Client: 280 + 90, Relay: 0, Proxy: 30), _telemetry.SoFar(401, 0).Shares);
    }

    /// <summary>With what is heard of them, or with what is noted when they have gone on.</summary>
    [Theory]
    [InlineData("smtpproxy.operation.duration")]
    [InlineData("smtpproxy.overhead.duration")]
    public void Record_ThatFailsWhereOctetsPass_IsLost(string instrument) =>
        Fails(instrument, () =>
        {
            Says(Leg.Relay, "220 mx\r\n");
            Says(Leg.Client, "EHLO c\r\n");
            Says(Leg.Relay, "250 mx\r\n");
        });

    [Fact]
    public void Record_ThatFailsWhereSomethingElseHappens_IsLost() =>
        Fails("smtpproxy.operation.duration",
            () => _tracker.Dialled(new DialNote(new DialResult(DialOutcome.Refused, null, null, null)), 2));

    [Fact]
    public void Record_ThatFailsAtItsEnd_IsLost() =>
        Fails("smtpproxy.session.duration", () => _tracker.Over(SessionOutcome.Quit, 2));

    /// <summary>Where nothing is read, whoever spoke last has been heard, and the other is waited for; an end is a last word.</summary>
    [Fact]
    public void Turn_InAnOpaqueSession_IsOfWhoeverDidNotSpeakOrEndLast()
    {
        Says(Leg.Relay, "220 mx\r\n");
        Says(Leg.Client, "STARTTLS\r\n");
        Says(Leg.Relay, "220 go\r\n");
        Assert.Equal((true, Leg.Client), (_tracker.IsOpaque, _tracker.Turn));
        _tracker.Ended(Leg.Client, EndKind.Fin, 1, 1);
        Assert.Equal(Leg.Relay, _tracker.Turn);
    }

    /// <summary>The relay owed a reply until the proxy gave one in its place.</summary>
    [Fact]
    public void Time_AfterTheProxysLastWord_IsTheClients()
    {
        Says(Leg.Relay, "220 mx\r\n");
        _tracker.Passed(Leg.Client, "NOOP\r\n"u8, Origin.Relay, 101, 111, null);
        _tracker.Spoke("421 bye\r\n"u8.ToArray(), 201);
        Assert.Equal(new Shares(Client: 100 + 100, Relay: 90, Proxy: 10), _telemetry.SoFar(301, 0).Shares);
    }

    /// <summary>The last octets of a message that nobody has to look at are its end all the same.</summary>
    [Fact]
    public void Time_AfterAChunkThatWasMoved_IsTheRelays()
    {
        Says(Leg.Relay, "220 mx\r\n");
        Says(Leg.Client, "BDAT 100 LAST\r\n");
        var before = _telemetry.SoFar(201, 0).Shares;
        _tracker.Spliced(Leg.Client, 100, 201, 201);
        Assert.Equal(before with { Relay = before.Relay + 100 }, _telemetry.SoFar(301, 0).Shares);
    }

    [Fact]
    public void Record_ThatFailsWhereAReplyIsCounted_IsLost()
    {
        _tracker.RelayReplied((Operation)99, new Reply { Code = 250, Lines = 1 });
        Assert.Single(_failures);
        Assert.True(_tracker.IsOpaque);
    }

    private void Says(Leg from, string text) => _tracker.Passed(from, Encoding.Latin1.GetBytes(text), Origin.Relay, 1, 1, null);

    private void Fails(string instrument, Action happens)
    {
        _tracker.Dialling("relay-0", new IPEndPoint(IPAddress.Loopback, 25), 1);
        using var failing = DialogueTrackerTests.Failing(_bed, instrument);
        happens();
        Assert.Equal(["the record fails"], _failures);
        Assert.True(_tracker.IsOpaque);
    }

    private string State() => string.Join("; ", new[]
    {
        $"{_tracker.Turn}'s turn",
        _tracker.Awaited is { } operation ? $"owes {operation}" : "",
        _tracker.CommandBegan >= 0 ? $"command since {_tracker.CommandBegan}" : "",
        _tracker.InsideReply ? "inside a reply" : "",
        _tracker.MaySpeak ? "may speak" : "",
        _tracker.IsAtRest ? "at rest" : "",
        _tracker.Greeted ? "greeted" : "",
    }.Where(static s => s.Length > 0));
}
