using SmtpProxy.Transport.Portable;

namespace SmtpProxy.Tests.Transport;

public sealed class SerialExecutorTests
{
    [Fact]
    public async Task GoOnLater_WorkThatNeverEnds_GivesTheThreadBackBetweenItsPieces()
    {
        const int Pieces = 100;
        var (done, inside, wasTwice) = (0, 0, false);
        var here = new AsyncLocal<bool>();
        var onTheCallersStack = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        SerialExecutor executor = null!;
        executor = new SerialExecutor(_ =>
        {
            wasTwice |= Interlocked.Increment(ref inside) > 1;
            onTheCallersStack += here.Value ? 1 : 0;
            if (++done < Pieces)
            {
                executor.GoOnLater(Work.Input);
            }

            Interlocked.Decrement(ref inside);
            if (done == Pieces)
            {
                all.SetResult();
            }
        });

        // Not flowed to other threads: true only below this call.
        here.Value = true;
        using (ExecutionContext.SuppressFlow())
        {
            executor.Wake(Work.Input);
        }

        here.Value = false;
        await all.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((1, Pieces, false), (onTheCallersStack, done, wasTwice));
    }
}
