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
        Assert.Equal(["EHLO 250", "MAIL "], json.GetProperty("exchanges").EnumerateArray().Select(static e => $"{e.GetProperty("verb")} {e.GetProperty("code")}"));
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

    /// <summary>Copies are made while another thread writes: none may hold what never was.</summary>
    [Fact]
    public async Task Copies_WhileTheSessionTalks_AreWhole()
    {
        using var live = new LiveTalk();
        live.Talk.Greet();
        var talking = Task.Run(() =>
        {
            for (var n = 0; n < 2000; n++)
            {
                live.Talk.Ask("MAIL FROM:<a@example.org> SIZE=9", "250 2.1.0 Ok").Ask("RSET", "250 2.0.0 Ok");
            }
        });
        var copies = 0;
        do
        {
            foreach (var sighting in live.Sessions.Newest())
            {
                copies++;
                Assert.All(LiveTalk.Json(sighting).GetProperty("exchanges").EnumerateArray(), static e =>
                {
                    Assert.Contains(e.GetProperty("verb").GetString(), new[] { "EHLO", "MAIL", "RSET" });
                    Assert.True(e.GetProperty("code").ValueKind == System.Text.Json.JsonValueKind.Null || e.GetProperty("code").GetInt32() == 250);
                });
            }
        }
        while (!talking.IsCompleted);
        await talking;
        Assert.True(copies > 0);
    }
}
