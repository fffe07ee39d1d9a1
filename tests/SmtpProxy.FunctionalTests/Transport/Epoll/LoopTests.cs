using System.Collections.Concurrent;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;
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

    [SkippableFact]
    public async Task Received_OfMany_WhoSendAsFastAsTheyCan_LeavesRoomForWhoSaysLittle()
    {
        const int Floods = 20;
        const int Rounds = 30;
        using var honest = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var (accepted, ready) = (0, new SemaphoreSlim(0));
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (calls, saidAt, rounds, between) = (0, -1, 0, new List<int>());
        await using var rig = new EpollRig(1, () => accepted++ == 0
            ? new Listening(_ =>
            {
                between.Add(calls - saidAt);
                saidAt = -1;
                if (++rounds == Rounds)
                {
                    over.TrySetResult();
                }
            })
            : new Listening(_ =>
            {
                calls++;
                if (saidAt < 0 && rounds < Rounds && calls > 5 * Floods)
                {
                    // On this machine's own wire it is there when the call returns.
                    saidAt = calls;
                    honest.Send("NOOP\r\n"u8);
                }

                // What is dear to deal with.
                Thread.SpinWait(200_000);
            }));
        await honest.ConnectAsync(rig.Address);
        var floods = Enumerable.Range(0, Floods).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
            .ToList();
        foreach (var flood in floods)
        {
            await flood.ConnectAsync(rig.Address);
            _ = Flood(flood, over.Task);
        }

        await over.Task.WaitAsync(Rig.Patience);
        floods.ForEach(static flood => flood.Dispose());
        // Some of those in the queue may have an event of their own when it speaks; never do all come first.
        Assert.InRange(between.Order().ElementAt(Rounds / 2), 0, Floods / 4);
    }

    private static async Task Flood(Socket socket, Task over)
    {
        var octets = new byte[256 * 1024];
        try
        {
            while (!over.IsCompleted)
            {
                await socket.SendAsync(octets);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private sealed class Listening(Action<int> received) : Handler
    {
        public override void Received(Leg from, ReadOnlySpan<byte> octets) => received(octets.Length);
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
