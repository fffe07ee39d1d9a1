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
