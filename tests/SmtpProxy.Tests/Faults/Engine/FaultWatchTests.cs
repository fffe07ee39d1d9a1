using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;

namespace SmtpProxy.Tests.Faults.Engine;

public sealed class FaultWatchTests
{
    [Fact]
    public async Task Rule_WhoseLifeIsOver_GoesByItselfAndTheEndIsNoFailure()
    {
        using var rig = new FaultRig(FaultRig.Bold with { Rules = FaultRig.Section("{'file':{'At':'mail','Action':{'Type':'close'}}}") });
        rig.Put("short", "{'ttl':'00:00:10','at':'mail','action':{'type':'close'}}");
        using var watch = new FaultWatch(rig.Engine);
        await watch.StartAsync(CancellationToken.None);
        while (rig.Engine.Status().Rules.Count > 1)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal("file", rig.Engine.Status().Rules[0].Id);
        Assert.True(rig.Time.GetUtcNow() - DateTimeOffset.UnixEpoch.AddDays(20_000) > TimeSpan.FromSeconds(10));
        await watch.StopAsync(CancellationToken.None);
        Assert.True(watch.ExecuteTask!.IsCompletedSuccessfully);
    }

    /// <summary>A rule ends with each second, which tells that the second was looked at.</summary>
    [Fact]
    public async Task Warning_OfWhatIsArmed_ComesAtTheStartAndEachMinute()
    {
        using var rig = new FaultRig(FaultRig.Bold with { Rules = FaultRig.Section("{'file':{'At':'mail','Action':{'Type':'close'}}}") });
        for (var second = 1; second <= 121; second++)
        {
            var ttl = TimeSpan.FromSeconds(second - 0.5).ToString("c", System.Globalization.CultureInfo.InvariantCulture);
            rig.Put($"s{second}", $"{{'ttl':'{ttl}','at':'mail','action':{{'type':'close'}}}}");
        }

        using var watch = new FaultWatch(rig.Engine);
        var before = rig.Logged.Count;
        await watch.StartAsync(CancellationToken.None);
        while (rig.Logged.Count == before)
        {
            await Task.Yield();
        }

        var warned = new List<int>();
        for (var second = 1; second <= 121; second++)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(1));
            while (rig.Engine.Rules.Texts().Count > 122 - second)
            {
                await Task.Yield();
            }

            // What is logged in the beat itself may come after this.
            warned.Add(second is 60 or 120 ? 0 : rig.Logged.Count(static l => l.StartsWith("601 ", StringComparison.Ordinal)));
        }

        Assert.Equal([.. Enumerable.Repeat(1, 59), 0, .. Enumerable.Repeat(2, 59), 0, 3], warned);
        await watch.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Faults_ThatAreOff_AreNotWatched()
    {
        using var rig = new FaultRig(new FaultsOptions { Enabled = false });
        using var watch = new FaultWatch(rig.Engine);
        await watch.StartAsync(CancellationToken.None);
        await watch.ExecuteTask!;
        Assert.Empty(rig.Logged);
    }
}
