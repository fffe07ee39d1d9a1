using System.Diagnostics;
using SmtpProxy.Transport.Portable;

namespace SmtpProxy.Tests.Transport;

/// <summary>A session that asks itself for more without end leaves its thread to others in between.</summary>
public sealed class SerialExecutorTurnTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void Work_ThatAsksForMoreOfItself_GoesOnElsewhere()
    {
        using var ended = new ManualResetEventSlim();
        var began = Stopwatch.GetTimestamp();
        var isEnough = 0;
        var ranOut = false;
        SerialExecutor executor = null!;
        executor = new SerialExecutor(_ =>
        {
            ranOut = Stopwatch.GetElapsedTime(began) > _patience;
            if (Volatile.Read(ref isEnough) == 0 && !ranOut)
            {
                executor.Post(Work.Signal);
            }
            else
            {
                ended.Set();
            }
        });

        // It would not return: it is this thread that works.
        executor.Wake(Work.Signal);
        Volatile.Write(ref isEnough, 1);

        Assert.True(ended.Wait(_patience));
        Assert.False(ranOut);
    }
}
