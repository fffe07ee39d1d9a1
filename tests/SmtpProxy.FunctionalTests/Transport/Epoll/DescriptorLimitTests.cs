using System.Net.Sockets;
using System.Runtime;
using System.Runtime.InteropServices;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.FunctionalTests.Transport.Epoll;

/// <summary>What happens when the process may open no more descriptors. Alone in the process, since it is the
/// whole process that may not.</summary>
[Collection(nameof(Alone))]
public sealed partial class DescriptorLimitTests
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE

    [SkippableFact]
    public async Task Accept_NoDescriptorIsFree_ReportsOnceAndGoesOnWhenOneIs()
    {
        var accepted = new SemaphoreSlim(0);
        await using var rig = new EpollRig(1, () =>
        {
            accepted.Release();
            return new Handler();
        });
        using (await rig.Connect())
        {
            // Everything that connecting needs is there now, and was loaded.
            await accepted.WaitAsync(Rig.Patience);
        }

        var clients = Enumerable.Range(0, 5).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
            .ToList();
        Assert.Equal(0, GetLimit(OpenFiles, out var limit));
        // A collection reads /proc to learn how much memory there is; where it cannot, it takes it for none, and the process ends.
        const int Enough = 64 * 1024 * 1024;
        Assert.True(GC.TryStartNoGCRegion(Enough));
        Assert.Equal(0, SetLimit(OpenFiles, limit with { Soft = 3 }));
        try
        {
            await Task.WhenAll(clients.Select(client => client.ConnectAsync(rig.Address))).WaitAsync(Rig.Patience);
            await rig.Log.First.WaitAsync(Rig.Patience);
            Assert.Equal(0, accepted.CurrentCount);
        }
        finally
        {
            Assert.Equal(0, SetLimit(OpenFiles, limit));
            if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
            {
                GC.EndNoGCRegion();
            }
        }

        foreach (var _ in clients)
        {
            Assert.True(await accepted.WaitAsync(Rig.Patience));
        }

        Assert.Contains("pauses", Assert.Single(rig.Log.Messages), StringComparison.Ordinal);
        clients.ForEach(client => client.Dispose());
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    private record struct Limit(nuint Soft, nuint Hard);
}
