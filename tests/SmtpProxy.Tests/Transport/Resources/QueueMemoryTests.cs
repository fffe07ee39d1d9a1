using SmtpProxy.Tests.Sessions;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Epoll;
using SmtpProxy.Transport.Epoll.Legs;
using SmtpProxy.Transport.Resources;
using SmtpProxy.Transport.Security;

namespace SmtpProxy.Tests.Transport.Resources;

/// <summary>Alone, as it counts what the whole process has.</summary>
[CollectionDefinition(nameof(QueueMemoryTests), DisableParallelization = true)]
[Collection(nameof(QueueMemoryTests))]
public sealed class QueueMemoryTests
{
    private const int Much = 1_000_000;

    /// <summary>Queues that earlier tests forgot with octets in them are counted until they are collected, which would be in the midst of a
    /// measurement. Twice, for what a finalizer lets go of.</summary>
    public QueueMemoryTests()
    {
        for (var n = 0; n < 2; n++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    [Fact]
    public void Queue_HoldsOctets_TheyAreCountedUntilItIsEmpty()
    {
        var before = QueueMemory.InUse;
        var queue = new OctetQueue();
        queue.Append(new byte[Much]);
        Assert.InRange(QueueMemory.InUse - before, Much, 3 * Much);
        queue.Remove(Much);
        Assert.Equal(before, QueueMemory.InUse);
    }

    [Fact]
    public void Queue_OfALine_IsCountedWhileItHoldsIt_AndNotBetweenTwoLines()
    {
        var before = QueueMemory.InUse;
        var queue = new OctetQueue();
        for (var n = 0; n < 3; n++)
        {
            queue.Append(new byte[80]);
            queue.Append(new byte[80]);
            Assert.InRange(QueueMemory.InUse - before, 160, 4096);
            queue.Remove(160);
            Assert.Equal(before, QueueMemory.InUse);
        }

        Assert.Empty(queue.Take());
        Assert.Equal(before, QueueMemory.InUse);
        GC.KeepAlive(queue);
    }

    [Fact]
    public void Decryption_BrokenOffWithOctetsThatNobodyAskedFor_IsCountedNoMore()
    {
        var before = QueueMemory.InUse;
        using var stream = new CipherStream(static _ => { });
        stream.Feed(new byte[Much]);
        stream.Settle();
        Assert.InRange(QueueMemory.InUse - before, Much, 3 * Much);
        stream.Break("gone");
        Assert.Equal(before, QueueMemory.InUse);
    }

    [Fact]
    public void Session_BrokenOffWithOctetsThatAwaitTheirMeaning_CountsNoneOfThem()
    {
        var before = QueueMemory.InUse;
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("DATA\r\n");
        bed.Sim.Client.Awaits("220").Says("DATA\r\n" + new string('y', 12_000)).Waits(TimeSpan.FromSeconds(20)).Resets();
        bed.Sim.RunToEnd();
        Assert.Equal(before, QueueMemory.InUse);
        GC.KeepAlive(bed);
    }

    [Fact]
    public void Backlog_HoldsOctets_TheyAreCountedUntilItIsEmpty()
    {
        var before = QueueMemory.InUse;
        var backlog = new Backlog();
        backlog.Append(new byte[Much]);
        backlog.Append(new byte[Much]);
        Assert.InRange(QueueMemory.InUse - before, 2 * Much, 8 * Much);
        backlog.Consume(Much);
        backlog.Clear();
        Assert.Equal(before, QueueMemory.InUse);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_460)]
    [InlineData(16 * 1024)]
    public void Backlog_ThatGrowsInPieces_TakesNoMoreThanTwiceWhatWaits(int piece)
    {
        var before = QueueMemory.InUse;
        var backlog = new Backlog();
        while (backlog.Length < 160 * 1024)
        {
            backlog.Append(new byte[piece]);
            Assert.InRange(QueueMemory.InUse - before, backlog.Length, Math.Max(4096, 2 * backlog.Length));
        }

        backlog.Clear();
        Assert.Equal(before, QueueMemory.InUse);
    }

    [Theory]
    [InlineData("octets")]
    [InlineData("end")]
    [InlineData("break")]
    public void Decryption_WaitsForTheRestOfARecord_ItsBufferIsCountedUntilThen(string then)
    {
        var before = QueueMemory.InUse;
        using var stream = new CipherStream(static _ => { });
        _ = stream.ReadAsync(Memory<byte>.Empty).AsTask();
        Assert.Equal(before, QueueMemory.InUse);
        stream.Feed([]);
        _ = stream.ReadAsync(new byte[Much]).AsTask();
        Assert.Equal(before + Much, QueueMemory.InUse);
        switch (then)
        {
            case "octets":
                stream.Feed([0x17]);
                break;
            case "end":
                stream.End();
                break;
            default:
                stream.Break("gone");
                break;
        }

        Assert.InRange(QueueMemory.InUse - before, 0, Much / 10);
    }

    [Fact]
    public void Queue_ForgottenWithItsOctets_IsCountedNoMore()
    {
        var before = QueueMemory.InUse;
        Forget();
        for (var n = 0; n < 10 && QueueMemory.InUse > before; n++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.InRange(QueueMemory.InUse, 0, before);

        static void Forget() => new OctetQueue().Append(new byte[Much]);
    }

    [Fact]
    public void Queues_ForgottenAtTheLimit_AreFoundByThoseWhoAreTurnedAway()
    {
        var budget = new ConnectionBudget();
        try
        {
            QueueMemory.Limit = QueueMemory.InUse + Much;
            Forget();
            Assert.True(SpinWait.SpinUntil(() => budget.TryEnter(2), TimeSpan.FromMinutes(1)));
        }
        finally
        {
            QueueMemory.Limit = QueueMemory.DefaultLimit;
        }

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget() => new OctetQueue().Append(new byte[Much]);
    }

    [Fact]
    public void Limit_Reached_NobodyIsLetInAndNothingMayWait_UntilThereIsRoom()
    {
        var met = new List<string>();
        var budget = new ConnectionBudget(met.Add);
        var queue = new OctetQueue();
        queue.Append(new byte[Much]);
        try
        {
            QueueMemory.Limit = QueueMemory.InUse;
            Assert.False(budget.TryEnter(2));
            Assert.Equal((0, 0), (QueueMemory.Bound, budget.Taken));
            Assert.Equal(Portion.Smallest, new Portion().Octets);
            queue.Clear();
            Assert.True(budget.TryEnter(2));
            Assert.True(QueueMemory.Bound > 0);
            Assert.True(new Portion().Octets > Portion.Smallest);
            QueueMemory.Limit = 0;
            queue.Append(new byte[Much]);
            Assert.True(budget.TryEnter(2));
        }
        finally
        {
            QueueMemory.Limit = QueueMemory.DefaultLimit;
        }

        Assert.Equal(["queue_memory"], met);
    }
}
