using System.Net;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Tests.Telemetry.Records;

public sealed class RecordBufferTests
{
    private const int Many = 10_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Buffer_OfAnyLength_HoldsWhatAListHolds(int seed)
    {
        var random = new Random(seed);
        var buffer = new RecordBuffer<long>();
        List<long> list = [];
        for (var step = 0; step < 2_000; step++)
        {
            switch (random.Next(100))
            {
                case 0:
                    buffer.Release();
                    list.Clear();
                    Assert.Equal(0, buffer.Capacity);
                    break;
                case 1:
                    buffer.Clear();
                    list.Clear();
                    break;
                case < 20:
                    var gone = random.Next(Math.Min(list.Count, 3) + 1);
                    buffer.RemoveFirst(gone);
                    list.RemoveRange(0, gone);
                    break;
                case < 25 when list.Count > 0:
                    buffer.RemoveLast();
                    list.RemoveAt(list.Count - 1);
                    break;
                case < 30 when list.Count > 0:
                    buffer.Items[^1]++;
                    list[^1]++;
                    break;
                default:
                    // Four thousand of them are what an array holds at most.
                    var items = Enumerable.Range(0, random.Next(200)).Select(_ => random.NextInt64()).ToArray();
                    MakeRoom(buffer, items.Length + 1);
                    buffer.Add(items);
                    buffer.Add(step);
                    list.AddRange([.. items, step]);
                    break;
            }

            Assert.Equal(list.Count, buffer.Count);
            Assert.True(buffer.Items.SequenceEqual([.. list]));
        }
    }

    [Fact]
    public void Items_BeyondTheRoom_AreRefused_InEitherMemory()
    {
        var buffer = new RecordBuffer<long>();
        buffer.Grow(2);
        buffer.Add([1, 2]);
        Assert.ThrowsAny<Exception>(() => buffer.Add(3));
        buffer.Grow(Many);
        for (var n = 2; n < Many; n++)
        {
            buffer.Add(n + 1);
        }

        Assert.ThrowsAny<Exception>(() => buffer.Add(0));
        Assert.ThrowsAny<Exception>(() => buffer.Add([0, 0]));
        Assert.True(buffer.Items.SequenceEqual([.. Enumerable.Range(1, Many).Select(static n => (long)n)]));
    }

    /// <summary>Who looks at an open session reads its record while the session's loop goes on, or ends.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(Many)]
    public void Read_WhileTheOwnerGivesTheMemoryBack_KeepsIt(int count)
    {
        var buffer = Filled(count, 1);
        var others = buffer.Read(buffer, (items, owner) =>
        {
            owner.Release();
            RecordBuffer<long>[] next = [.. Enumerable.Range(0, 20).Select(_ => Filled(count, 2))];
            Assert.Equal(count, items.Length);
            Assert.False(items.ContainsAnyExcept(1));
            return next;
        });
        Assert.Equal(0, buffer.Read(0, static (items, _) => items.Length));
        Assert.All(others, static other => Assert.False(other.Items.ContainsAnyExcept(2)));
    }

    [Fact]
    public void Read_WhileItGrows_HasWhatWasThere()
    {
        var buffer = Filled(Many, 1);
        Assert.True(buffer.Read(buffer, static (items, owner) =>
        {
            owner.Grow(2 * Many);
            owner.Add(2);
            return !items.ContainsAnyExcept(1) && items.Length == Many;
        }));
        Assert.Equal((Many + 1, 1, 2), (buffer.Count, buffer.Items[Many - 1], buffer.Items[Many]));
    }

    /// <summary>Arrays of that many make the collector stop everybody; see <see cref="RecordBuffer{T}"/>.</summary>
    [Fact]
    public void Record_OfManyExchanges_TakesNoLargeArray()
    {
        var record = new SessionRecord(new RecordShare(new RecordMemory()));
        record.Begin("in", "relay", new IPEndPoint(0, 0), default, AddressFilter.None, Many);
        var mechanism = new byte[64];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < Many; n++)
        {
            record.MailOpened(n, default);
            Assert.True(record.Opened(new Exchange { Index = n, Verb = Verb.Auth }, "AUTH"u8, mechanism) > 0);
        }

        // Three that grow, in arrays of 32 KiB and less, each twice as long as the one before.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (3 * 2 * 32 * 1024));
        Assert.Equal(Many, record.Exchanges.Count);
        Assert.Equal(64, record.Text[record.Exchanges.Items[^1].Text].Length);
        record.Release();
        Assert.Equal(0, record.Exchanges.Count);
    }

    private static RecordBuffer<long> Filled(int count, long with)
    {
        var buffer = new RecordBuffer<long>();
        buffer.Grow(count);
        buffer.Add([.. Enumerable.Repeat(with, count)]);
        return buffer;
    }

    private static void MakeRoom(RecordBuffer<long> buffer, int more)
    {
        if (buffer.Count + more > buffer.Capacity)
        {
            buffer.Grow(2 * (buffer.Count + more));
        }
    }
}
