using System.Text.Json;
using SmtpProxy.Live;

namespace SmtpProxy.Tests.Live;

public sealed class SightingStoreTests
{
    [Fact]
    public void Session_ThatIsOver_IsHeldWithWhatTheJournalSaysOfIt()
    {
        using var live = new LiveTalk(journal: true);
        var shown = LiveTalk.Json(live.Deliver());
        using var journal = JsonDocument.Parse(LineOf(live));
        foreach (var member in journal.RootElement.EnumerateObject().Where(static m => m.Name is not ("greeting" or "exchanges")))
        {
            Assert.Equal(member.Value.GetRawText(), shown.GetProperty(member.Name).GetRawText());
        }

        var exchanges = shown.GetProperty("exchanges").EnumerateArray().ToList();
        Assert.Equal(["EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT"], exchanges.Select(static e => e.GetProperty("verb").GetString()!));
        Assert.All(exchanges, static e => Assert.True(e.GetProperty("at_ms").GetDouble() < e.GetProperty("end_ms").GetDouble()));
        Assert.Equal(1, shown.GetProperty("messages").GetProperty("accepted").GetInt32());
        Assert.Equal("4F1XYZ12", shown.GetProperty("queue_ids")[0].GetString());
    }

    [Fact]
    public void Sessions_MoreThanMayBeHeld_GoOldestFirst()
    {
        using var live = new LiveTalk(new LiveOptions { MaxSessions = 3 });
        var first = live.Deliver();
        for (var n = 0; n < 3; n++)
        {
            live.Deliver();
        }

        Assert.Equal((3, 1L), (live.Store.Held.Count, live.Store.Held.Evicted));
        Assert.Equal([4, 3, 2], live.Store.Before().Select(static s => s.Number));
        Assert.Null(live.Store.Find(first.Facts.Id));
        Assert.NotNull(live.Store.Find(live.Store.Before()[0].Facts.Id));
    }

    [Fact]
    public void Octets_MoreThanMayBeTaken_MakeTheOldestGo()
    {
        using var live = new LiveTalk(new LiveOptions { Memory = 65_536 });
        for (var n = 0; n < 100; n++)
        {
            live.Deliver();
            Assert.InRange(live.Store.Held.Octets, 1, 65_536);
        }

        Assert.InRange(live.Store.Held.Count, 5, 60);
        Assert.Equal(100, live.Store.Held.Count + live.Store.Held.Evicted);
    }

    [Fact]
    public void Sessions_MoreThanASecondMayHave_AreCountedAsSkipped_AndThoseThatFailedAreKeptAllTheSame()
    {
        using var live = new LiveTalk(new LiveOptions { MaxPerSecond = 2 });
        for (var n = 0; n < 15; n++)
        {
            live.Talk.Begin();
            live.Talk.Greet().Ask("QUIT", "221 Bye").Over();
        }

        var refused = live.Deliver("550 5.7.1 no");
        Assert.Equal("550", refused.Facts.Codes[^2].ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(live.Writer.IsSampled);
        Assert.Equal(16, live.Store.Last + live.Writer.Skipped);
    }

    [Fact]
    public void Follower_WhoComesAgain_GetsWhatItMissed_AndThenEachOnce()
    {
        using var live = new LiveTalk();
        live.Deliver();
        live.Deliver();
        var seen = new List<long>();
        var missed = live.Store.Follow(Added, 1);
        Assert.Equal([2], missed.Select(static s => s.Number));
        live.Deliver();
        Assert.Equal([3], seen);
        live.Store.Leave(Added);
        live.Deliver();
        Assert.Equal([3], seen);
        void Added(Sighting sighting) => seen.Add(sighting.Number);
    }

    [Theory]
    [InlineData("none", null)]
    [InlineData("domain", "example.net")]
    [InlineData("full", "b@example.net")]
    public void Address_AtEachLevel_IsFoundAsFarAsItIsShown(string level, string? found)
    {
        using var live = new LiveTalk(addresses: level);
        var sighting = live.Deliver();
        Assert.Equal(found, sighting.Facts.Addresses is [.., var last] ? last : null);
        Assert.Equal(found, LiveTalk.Json(sighting).GetProperty("transactions")[0].GetProperty("recipients")[0].GetProperty("to")
            .GetString());
    }

    private static string LineOf(LiveTalk live)
    {
        Assert.True(live.Queue!.Reader.TryRead(out var record));
        using var batch = new SmtpProxy.Telemetry.Journal.JournalBatch();
        batch.Add(record);
        live.Queue.Return(record);
        return System.Text.Encoding.UTF8.GetString(batch.Lines.Span);
    }
}
