using SmtpProxy.Transport.Portable;

namespace SmtpProxy.Tests.Transport.Portable;

/// <summary>Who always has more to do takes as many threads as there are processors, and no more.</summary>
public sealed class BusyRowTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Added_Many_AreNotAllAtOnceAtThePool_AndOthersAreServed()
    {
        using var letGo = new ManualResetEventSlim();
        var (inside, most, done) = (0, 0, new CountdownEvent(50));
        for (var n = 0; n < 50; n++)
        {
            BusyRow.Add(new Item(() =>
            {
                var now = Interlocked.Increment(ref inside);
                InterlockedMax(ref most, now);
                letGo.Wait();
                Interlocked.Decrement(ref inside);
                done.Signal();
            }));
        }

        // All of them block their threads; the pool makes more for whoever else comes.
        for (var n = 0; n < 5; n++)
        {
            await Task.Run(static () => { }).WaitAsync(Patience);
        }

        letGo.Set();
        Assert.True(done.Wait(Patience));
        Assert.InRange(most, 1, Environment.ProcessorCount);
    }

    [Fact]
    public void Added_ByManyThreads_AreEachExecutedOnce()
    {
        const int each = 2000;
        var (counts, done) = (new int[8 * each], new CountdownEvent(8 * each));
        Parallel.For(0, 8, thread =>
        {
            for (var n = 0; n < each; n++)
            {
                var number = (thread * each) + n;
                BusyRow.Add(new Item(() =>
                {
                    Interlocked.Increment(ref counts[number]);
                    done.Signal();
                }));
            }
        });
        Assert.True(done.Wait(Patience));
        Assert.All(counts, static count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task NextTurn_Awaited_GoesOn()
    {
        var went = Task.Run(static async () =>
        {
            for (var n = 0; n < 100; n++)
            {
                await new NextTurn();
            }
        });
        await went.WaitAsync(Patience);
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = Volatile.Read(ref most); now > seen; seen = Interlocked.CompareExchange(ref most, now, seen))
        {
            // Somebody else was faster.
        }
    }

    private sealed class Item(Action act) : IThreadPoolWorkItem
    {
        public void Execute() => act();
    }
}
