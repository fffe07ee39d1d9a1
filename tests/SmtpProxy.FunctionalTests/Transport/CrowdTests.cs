using System.Diagnostics;
using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>Many at once, and what they leave behind. Alone in the process, since descriptors and memory are counted.</summary>
[Collection(nameof(Alone))]
public sealed class CrowdTests
{
    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Accepted_FiveHundredAtOnce_AllAreServed(string transport)
    {
        await using var rig = new Rig(transport);
        var relays = ServeRelays(rig, 500);
        var clients = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => rig.Connect()));
        await Task.WhenAll(clients.Select(async (client, n) =>
        {
            await client.Hears("220 hi\r\n");
            await client.Says($"NOOP {n:000}\r\n");
            await client.Hears($"250 NOOP {n:000}\r\n");
        }));
        Assert.Equal(500, rig.Transport.OpenPairs);
        await Task.WhenAll(clients.Select(async client =>
        {
            client.Fin();
            await client.Ends(EndKind.Fin);
        }));
        await relays;
        await rig.AllClosed();
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Closed_ManyShortConnections_LeaveNothingOpen(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "descriptors are counted where /proc shows them");
        await ShortConnections(transport, 20);
        var before = Descriptors();
        await ShortConnections(transport, 1500);
        NoMoreThan(before);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task DisposeAsync_PairsInEveryState_LeavesNoDescriptors(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "descriptors are counted where /proc shows them");
        await EveryState(transport);
        var before = Descriptors();
        await EveryState(transport);
        NoMoreThan(before);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Send_ManySlowReaders_MemoryStaysBounded(string transport)
    {
        const int sessions = 60;
        const int each = 6_000_000;
        await using var rig = new Rig(transport);
        rig.SmallRelayWindow();
        var octets = new byte[each];
        var joined = new List<(Peer Client, Peer Relay, TestSession Session)>();
        for (var n = 0; n < sessions; n++)
        {
            joined.Add(await rig.Join());
        }

        var before = Memory();
        var sent = joined.Select(j => j.Client.Says(octets)).ToArray();
        await Task.WhenAll(joined.Select(j => j.Session.Log.Saw("Blocked Relay")));
        Assert.InRange(Memory() - before, long.MinValue, sessions * 512 * 1024);
        await Task.WhenAll(joined.Select(j => j.Relay.Read(each)));
        await Task.WhenAll(sent);
        Assert.All(joined, j => Assert.InRange(j.Session.MostUnsent, 1, 256 * 1024));
    }

    private static async Task ShortConnections(string transport, int count)
    {
        await using var rig = new Rig(transport);
        var relays = ServeRelays(rig, count);
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (n, _) =>
        {
            var client = await rig.Connect();
            await client.Hears("220 hi\r\n");
            if (n % 3 == 0)
            {
                client.Reset();
                return;
            }

            await client.Says("QUIT\r\n");
            client.Fin();
            var (heard, end) = await client.ReadToEnd();
            Assert.Equal(("250 QUIT\r\n", EndKind.Fin), (Encoding.Latin1.GetString(heard), end));
            client.Dispose();
        });
        await relays;
        await rig.AllClosed();
    }

    private static async Task EveryState(string transport)
    {
        using var hole = await BlackHole.Open();
        await using var rig = new Rig(transport);
        rig.SmallRelayWindow();
        await rig.Join();
        var (halfClosed, _, _) = await rig.Join();
        halfClosed.Fin();
        var (blocked, _, session) = await rig.Join();
        var sent = blocked.Says(new byte[40_000_000]);
        await session.Log.Saw("Blocked Relay");
        var (splicing, _, spliced) = await rig.Join();
        spliced.OnSignalled = _ => spliced.Pair.Splice(Leg.Client, long.MaxValue);
        await spliced.Signal(1);
        await splicing.Says("opaque");
        await spliced.Log.Saw("Spliced Client");
        var (redialling, _, dialling) = await rig.Join();
        dialling.OnSignalled = _ =>
        {
            dialling.Pair.Reset(Leg.Relay);
            dialling.Pair.Dial(new DialTarget(hole.Address, TimeSpan.FromMinutes(5)));
        };
        await dialling.Signal(1);
        await rig.Transport.DisposeAsync().AsTask().WaitAsync(Rig.Patience);
        await redialling.Ends(EndKind.Reset);
        await Assert.ThrowsAnyAsync<Exception>(() => sent);
    }

    /// <summary>Relays that greet, echo each line behind 250, and end when their client does.</summary>
    private static async Task ServeRelays(Rig rig, int count)
    {
        var serving = new List<Task>();
        for (var n = 0; n < count; n++)
        {
            serving.Add(Serve(await rig.AcceptRelay()));
        }

        await Task.WhenAll(serving);
    }

    private static async Task Serve(Peer relay)
    {
        using var _ = relay;
        try
        {
            await relay.Says("220 hi\r\n");
            var line = new byte[512];
            while (await relay.Socket.ReceiveAsync(line.AsMemory()) is var read and > 0)
            {
                await relay.Says((byte[])[.. "250 "u8, .. line[..read]]);
            }

            relay.Fin();
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Its client has reset.
        }
    }

    private static int Descriptors()
    {
        // What earlier tests have dropped does not count.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(IsNoFile);
    }

    /// <summary>Sockets, pipes, epoll; files come with the assemblies that the runtime loads meanwhile.</summary>
    private static bool IsNoFile(string descriptor) => new FileInfo(descriptor).LinkTarget is { } target && !target.StartsWith('/');

    /// <summary>A socket that is disposed while a thread of the runtime has its handle in use is closed when that
    /// lets go, a moment later.</summary>
    private static void NoMoreThan(int before) =>
        Assert.True(SpinWait.SpinUntil(() => Descriptors() <= before, Rig.Patience),
            $"{before} descriptors were open, and {Descriptors()} are");

    private static long Memory()
    {
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
