using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Admitting;

/// <summary>The bounds that hold where nothing is configured, as docs/configuration.md has them.</summary>
public sealed class SessionLimitsTests
{
    private const int KiB = 1024;
    private const long MiB = 1024 * KiB;

    [Fact]
    public void Defaults_WhereMemoryIsPlenty_AreFixed()
    {
        var ample = SessionLimits.Ample;
        Assert.Equal((10_000, 1_000, 256 * MiB, 256 * MiB, 64 * MiB),
            (ample.MaxSessions, ample.MaxHandshakes, ample.QueueMemory, ample.RecordMemory, ample.DialogueMemory));
    }

    [Fact]
    public void Defaults_OfWhatTakesMemory_AreAShareOfIt()
    {
        var (limits, ample) = (new SessionLimits(), SessionLimits.Ample);
        Assert.Equal(AvailableMemory.Places(ample.MaxSessions, 128 * KiB), limits.MaxSessions);
        Assert.Equal(AvailableMemory.Places(ample.MaxHandshakes, 256 * KiB), limits.MaxHandshakes);
        Assert.Equal(AvailableMemory.Share(ample.QueueMemory, 8), limits.QueueMemory);
        Assert.Equal(AvailableMemory.Share(ample.RecordMemory, 8), limits.RecordMemory);
        Assert.Equal(AvailableMemory.Share(ample.DialogueMemory, 16), limits.DialogueMemory);
    }

    [Fact]
    public void Defaults_OfCountsAndTimes_AreThoseOfThePage()
    {
        var limits = new SessionLimits();
        Assert.Equal((0, 100, 300, 64, 50, 1),
            (limits.MaxSessionsPerListener, limits.MaxSessionsPerClient, limits.ConnectionsPerMinutePerClient, limits.ClientPrefixV6,
            limits.MaxHandshakesPerClient, limits.MinDataRate));
        Assert.Equal([30, 30, 30, 0], Seconds(limits.Connect, limits.TlsHandshake, limits.Drain, limits.StopDelay));
        Assert.Equal([5, 5, 2, 10, 5, 5, 3, 3, 10, 5],
            Seconds(limits.Greeting, limits.Reply, limits.DataReply, limits.FinalReply, limits.ClientIdle, limits.Command, limits.DataBlock,
                limits.Write, limits.OpaqueIdle, limits.HalfClosed).Select(static s => s / 60));
    }

    private static IEnumerable<double> Seconds(params TimeSpan[] times) => times.Select(static t => t.TotalSeconds);
}
