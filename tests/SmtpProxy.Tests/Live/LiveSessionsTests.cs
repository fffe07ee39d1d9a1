using System.Net;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Sessions.Pipeline;

namespace SmtpProxy.Tests.Live;

public sealed class LiveSessionsTests
{
    [Fact]
    public void OpenSession_WhileItsRelayIsSilent_ShowsWhatWasSaid_AndWhatIsWaitedFor()
    {
        using var live = new LiveTalk();
        live.Talk.Greet().Wait(1).Client("MAIL FROM:<a@example.org>");
        var open = Assert.Single(live.Sessions.Newest());
        var json = LiveTalk.Json(open);
        Assert.Equal((true, "mail"), (json.GetProperty("live").GetBoolean(), json.GetProperty("waiting_for").GetString()));
        Assert.Equal(["EHLO 250", "MAIL "], json.GetProperty("exchanges").EnumerateArray()
            .Select(static e => $"{e.GetProperty("verb")} {e.GetProperty("code")}"));
        Assert.Equal("mx1", json.GetProperty("dials")[0].GetProperty("destination").GetString());
        Assert.Equal("PIPELINING", json.GetProperty("capabilities")[0].GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, json.GetProperty("outcome").ValueKind);
    }

    [Fact]
    public void OpenSession_BeforeTheGreeting_IsShownToo()
    {
        using var live = new LiveTalk();
        live.Talk.Connect();
        var json = LiveTalk.Json(Assert.Single(live.Sessions.Newest()));
        Assert.Equal("greeting", json.GetProperty("waiting_for").GetString());
        Assert.Equal("192.0.2.7:40112", json.GetProperty("client").GetString());
    }

    [Fact]
    public void Record_OfAnOpenSession_IsLeftAsItIs()
    {
        using var live = new LiveTalk();
        live.Talk.Greet();
        _ = live.Sessions.Newest();
        live.Talk.Deliver().Ask("QUIT", "221 2.0.0 Bye").Over();
        Assert.Equal(6, LiveTalk.Json(live.Kept()).GetProperty("exchanges").GetArrayLength());
        Assert.Empty(live.Sessions.Newest());
    }

    [Fact]
    public void OpenSession_WhileItsRecordChanges_IsNotCopied()
    {
        using var live = new LiveTalk();
        live.Talk.Greet();
        live.Talk.Session.Read(SmtpProxy.Protocol.Connections.Leg.Client, "NOOP\r\n"u8, Telemetry.Conversation.Ticks(20));
        Assert.Empty(live.Sessions.Newest());
        live.Talk.Session.Settled(live.Talk.Dialogue, null, Telemetry.Conversation.Ticks(21));
        Assert.Single(live.Sessions.Newest());
    }

    [Fact]
    public void Changes_OfASession_AreOthersWheneverSomethingWasSaid()
    {
        using var live = new LiveTalk();
        live.Talk.Greet();
        var id = live.Talk.Session.Id;
        var before = live.Sessions.ChangesOf(id);
        Assert.Equal(before, live.Sessions.ChangesOf(id));
        live.Talk.Ask("NOOP", "250 Ok");
        Assert.NotEqual(before, live.Sessions.ChangesOf(id));
        live.Talk.Over();
        Assert.Null(live.Sessions.ChangesOf(id));
    }

    /// <summary>Its record was another session's. Before it is its own nobody may look at it, or call it by the other's name.</summary>
    [Fact]
    public void OpenSession_BeforeItsRecordBegins_IsNotSeen()
    {
        var time = new GlancingTime();
        using var live = new LiveTalk(time: time);
        live.Deliver();
        live.Talk.Begin();
        var seen = new List<object?>();
        time.Glance = () => seen.AddRange([.. live.Sessions.Newest(), live.Sessions.ChangesOf("none")]);
        live.Talk.Accept();
        time.Glance = null;
        Assert.All(seen, static s => Assert.Null(s));
        Assert.Equal(LiveTalk.Json(Assert.Single(live.Sessions.Newest())).GetProperty("session").GetString(), live.Talk.Session.Id);
    }

    /// <summary>Not only octets change a record: an end does too, and whatever the proxy says.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OpenSession_WhileItsDialogueEndsOrTheProxySpeaks_IsNotCopied(bool isSpoken)
    {
        using var live = new LiveTalk();
        var copies = 0;
        var tracker = new DialogueTracker(live.Talk.Session, static e => Assert.Fail(e.ToString()));
        tracker.ReadBy(new Looking(() => copies += live.Sessions.Newest().Count), readsRelay: false);
        tracker.Accepted(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 40112), new IPEndPoint(IPAddress.Loopback, 2525),
            Telemetry.Conversation.Ticks(1), Telemetry.Conversation.Ticks(1));
        Assert.Single(live.Sessions.Newest());
        if (isSpoken)
        {
            tracker.Spoke("421 4.3.2 Later\r\n"u8.ToArray(), Telemetry.Conversation.Ticks(2));
        }
        else
        {
            tracker.Ended(Leg.Relay, EndKind.Fin, Telemetry.Conversation.Ticks(2), Telemetry.Conversation.Ticks(2));
        }

        Assert.Equal(0, copies);
        Assert.Single(live.Sessions.Newest());
    }

    /// <summary>What the proxy says may come between two octets of one read: what began before has not settled by it.</summary>
    [Fact]
    public void OpenSession_WhileTheProxySpeaksWithinARead_IsNotCopied()
    {
        using var live = new LiveTalk();
        var tracker = new DialogueTracker(live.Talk.Session, static e => Assert.Fail(e.ToString()));
        tracker.Accepted(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 40112), new IPEndPoint(IPAddress.Loopback, 2525),
            Telemetry.Conversation.Ticks(1), Telemetry.Conversation.Ticks(1));
        tracker.Begin(Leg.Client, "NOOP\r\n"u8, Telemetry.Conversation.Ticks(2));
        tracker.Spoke("421 4.3.2 Later\r\n"u8.ToArray(), Telemetry.Conversation.Ticks(3));
        Assert.Empty(live.Sessions.Newest());
        tracker.Settle(null, Telemetry.Conversation.Ticks(4));
        Assert.Single(live.Sessions.Newest());
    }

    /// <summary>Many readers cost what one does, and none is shown what is over.</summary>
    [Fact]
    public void Sessions_LookedAtByMany_AreCopiedOnce_AndThoseThatEndedAreNotShown()
    {
        using var live = new LiveTalk();
        var shared = new SmtpProxy.Live.LiveSessions(live.Open, live.Telemetry.Records, TimeSpan.FromHours(1));
        live.Talk.Greet();
        var first = Assert.Single(shared.Newest());
        live.Talk.Ask("NOOP", "250 Ok");
        Assert.Same(first, Assert.Single(shared.Newest()));
        Assert.NotNull(shared.ChangesOf(live.Talk.Session.Id));
        live.Talk.Over();
        Assert.Empty(shared.Newest());
        Assert.Null(shared.ChangesOf(live.Talk.Session.Id));
        Assert.Null(shared.Find(live.Talk.Session.Id));
    }

    /// <summary>Copies are made while another thread writes: none may hold what never was.</summary>
    [Fact]
    public async Task Copies_WhileTheSessionTalks_AreWhole()
    {
        using var live = new LiveTalk();
        live.Talk.Greet();
        var copies = 0;
        var talking = Task.Run(() =>
        {
            // On a machine with other work all of it can be said between two looks, each of which met a change.
            for (var n = 0; n < 2000 || (Volatile.Read(ref copies) == 0 && n < 1_000_000); n++)
            {
                live.Talk.Ask("MAIL FROM:<a@example.org> SIZE=9", "250 2.1.0 Ok").Ask("RSET", "250 2.0.0 Ok");
            }
        });
        do
        {
            foreach (var sighting in live.Sessions.Newest())
            {
                Interlocked.Increment(ref copies);
                Assert.All(LiveTalk.Json(sighting).GetProperty("exchanges").EnumerateArray(), static e =>
                {
                    Assert.Contains(e.GetProperty("verb").GetString(), new[] { "EHLO", "MAIL", "RSET" });
                    Assert.True(e.GetProperty("code").ValueKind == System.Text.Json.JsonValueKind.Null
                        || e.GetProperty("code").GetInt32() == 250);
                });
            }
        }
        while (!talking.IsCompleted);
        await talking;
        Assert.True(copies > 0);
    }

    /// <summary>Looks whenever a reply is there, or will not come.</summary>
    private sealed class Looking(Action look) : IDialogueObserver
    {
        public void Answered(ref Exchange exchange, in Reply reply) => look();

        public void Unanswered(ref Exchange exchange) => look();
    }

    /// <summary>Lets somebody look whenever it is asked.</summary>
    private sealed class GlancingTime : TimeProvider
    {
        public Action? Glance { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            Glance?.Invoke();
            return base.GetUtcNow();
        }
    }
}
