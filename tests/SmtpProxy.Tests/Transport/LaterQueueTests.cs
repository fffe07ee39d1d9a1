using SmtpProxy.Transport.Portable;

namespace SmtpProxy.Tests.Transport;

public sealed class LaterQueueTests
{
    private const int Pairs = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Add_FromManyThreads_EachPairHasItsTurn_AndFewAtATime()
    {
        var queue = new LaterQueue();
        var (left, now, most) = (Pairs, 0, 0);
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new Lock();
        void Handle(Work work)
        {
            Assert.Equal(Work.Later, work);
            lock (gate)
            {
                most = Math.Max(most, ++now);
            }

            Thread.SpinWait(10_000);
            lock (gate)
            {
                now--;
                left--;
            }

            if (left == 0)
            {
                over.TrySetResult();
            }
        }

        await Parallel.ForAsync(0, Pairs, (_, _) =>
        {
            queue.Add(new SerialExecutor(Handle));
            return default;
        });
        await over.Task.WaitAsync(Patience);
        Assert.InRange(most, 1, Math.Max(1, Environment.ProcessorCount / 2));
    }
}
