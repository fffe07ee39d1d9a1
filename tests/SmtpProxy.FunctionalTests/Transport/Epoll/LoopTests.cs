using System.Collections.Concurrent;
using System.Net.Sockets;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport.Epoll;

public sealed class LoopTests
{
    private static readonly TimeSpan s_fiveMinutes = TimeSpan.FromMinutes(5);

    [SkippableFact]
    public async Task Received_ManyTimes_AllocatesNothing()
    {
        var session = new Measuring();
        await using var rig = new EpollRig(1, () => session);
        using var client = await rig.Connect();
        var octets = new byte[100];
        for (var n = 0; n < 2000; n++)
        {
            await client.SendAsync(octets);
            for (var echoed = 0; echoed < octets.Length;)
            {
                echoed += await client.ReceiveAsync(octets).WaitAsync(Rig.Patience);
            }
        }

        Assert.Equal(0, session.Allocated);
    }

    [SkippableFact]
    public async Task Accepted_ConnectionsOneByOne_AreSharedByTheLoops()
    {
        var threads = new ConcurrentDictionary<int, int>();
        var accepted = new SemaphoreSlim(0);
        await using var rig = new EpollRig(3, () => new Reporting(() =>
        {
            threads.AddOrUpdate(Environment.CurrentManagedThreadId, 1, (_, count) => count + 1);
            accepted.Release();
        }));
        var clients = new List<Socket>();
        for (var n = 0; n < 90; n++)
        {
            clients.Add(await rig.Connect());
            Assert.True(await accepted.WaitAsync(Rig.Patience));
        }

        Assert.Equal(3, threads.Count);
        Assert.All(threads.Values, count => Assert.InRange(count, 20, 40));
        clients.ForEach(client => client.Dispose());
    }

    /// <summary>Measures what its loop's thread allocates from one read to the next, when everything is warm.</summary>
    private sealed class Measuring : Handler
    {
        private int _reads;
        private long _before;

        public long Allocated { get; private set; }

        public override void Received(Leg from, ReadOnlySpan<byte> octets)
        {
            if (++_reads == 200)
            {
                _before = GC.GetAllocatedBytesForCurrentThread();
            }
            else if (_reads > 200)
            {
                Allocated = GC.GetAllocatedBytesForCurrentThread() - _before;
            }

            Pair.SetTimer(PairTimer.ClientRead, s_fiveMinutes);
            Pair.Clock();
            base.Received(from, octets);
        }
    }

    private sealed class Reporting(Action accepted) : Handler
    {
        public override void Accepted(IPair pair)
        {
            base.Accepted(pair);
            accepted();
        }
    }
}
