using System.Net;
using System.Text;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Tests.Sessions.Pipeline;

/// <summary>What a session knows of its dialogue at each point of it, and once nothing can be recorded any more.</summary>
public sealed class DialogueTrackerStateTests
{
    private readonly SessionBed _bed = new();
    private readonly List<string> _failures = [];
    private readonly DialogueTracker _tracker;

    public DialogueTrackerStateTests()
    {
        _tracker = new DialogueTracker(_bed.Host.Telemetry.Open("inbound", "relays"), e => _failures.Add(e.Message));
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
    }

    private void Says(Leg from, string text) => _tracker.Passed(from, Encoding.Latin1.GetBytes(text), Origin.Relay, 1, 1, null);

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
