using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Protocol.Tests.Exchanges;

public sealed class ExchangeQueueTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1_000)]
    public void Queue_GrowsAndShrinks_InOrder(int ahead)
    {
        var memory = new ExchangeMemory();
        var queue = new ExchangeQueue(memory);
        var (appended, removed) = (0, 0);
        for (var round = 0; round < 3; round++)
        {
            // One goes for every two that come: the ring has turned whenever it grows.
            while (queue.Count < ahead)
            {
                Append(ref queue, appended++);
                Append(ref queue, appended++);
                Assert.Equal(appended - 1, queue.Youngest.Index);
                Remove(ref queue, removed++);
            }

            for (var n = 0; n < queue.Count; n++)
            {
                Assert.Equal(removed + n, queue.At(n).Index);
            }

            while (queue.Count > 0)
            {
                Remove(ref queue, removed++);
            }
        }

        Assert.Equal((0, 0L), (queue.GroupEnds, memory.InUse));
    }

    [Fact]
    public void Queue_ThatIsLong_TakesNothingOfTheCollector()
    {
        var queue = new ExchangeQueue(new ExchangeMemory());
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < 10_000; n++)
        {
            Append(ref queue, n);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * 1024);
        queue.Clear();
    }

    [Fact]
    public void Queue_ThatIsCleared_BeginsAnew()
    {
        var memory = new ExchangeMemory();
        var queue = new ExchangeQueue(memory);
        for (var n = 0; n < 100; n++)
        {
            Append(ref queue, n);
        }

        Assert.True(memory.InUse > 0);
        queue.Clear();
        Assert.Equal((0, 0, 0L), (queue.Count, queue.GroupEnds, memory.InUse));
        Append(ref queue, 7);
        Assert.Equal((7, 7), (queue.Oldest.Index, queue.Youngest.Index));
        queue.Clear();
    }

    private static void Append(ref ExchangeQueue queue, int index) => queue.Append(new Exchange { Index = index, Verb = Verb.Noop });

    private static void Remove(ref ExchangeQueue queue, int index)
    {
        Assert.Equal(index, queue.Oldest.Index);
        queue.RemoveOldest();
    }
}
