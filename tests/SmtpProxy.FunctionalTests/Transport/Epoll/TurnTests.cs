using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.FunctionalTests.Transport.Epoll;

/// <summary>Who keeps a loop busy lets the others of the loop in between.</summary>
public sealed class TurnTests
{
    private const int Octets = 64 * 1024;

    [SkippableFact]
    public async Task Read_ThatTakesAllOfAPartOfATurn_IsTheOnlyOneOfItsTurn()
    {
        var calls = new ConcurrentQueue<Slow>();
        var handlers = new ConcurrentQueue<Slow>([new(calls), new(calls)]);
        var both = handlers.ToArray();
        await using var rig = new EpollRig(1, () => handlers.TryDequeue(out var next) ? next : throw new InvalidOperationException());
        using var first = await rig.Connect();
        using var second = await rig.Connect();
        foreach (var client in (Socket[])[first, second])
        {
            await client.SendAsync(new byte[Octets]).WaitAsync(Rig.Patience);
        }

        await Task.WhenAll(both.Select(static h => h.GoOnAsync())).WaitAsync(Rig.Patience);

        var order = calls.ToArray();
        var last = order[^1];
        var together = order.SkipWhile(h => h == order[0]).Reverse().SkipWhile(h => h == last).ToArray();
        Assert.True(together.Length > 20, $"{together.Length} of {order.Length} reads came while both had octets");

        // Not always one after the other: who began first, or was interrupted in its turn, has had more, and the other makes up for it.
        var changes = together.Zip(together.Skip(1)).Count(static pair => pair.First != pair.Second);
        Assert.True(changes > together.Length / 2, $"{changes} changes in {together.Length} reads");
    }

    /// <summary>Waits for a signal before it reads, and takes a part of a turn for each read then.</summary>
    private sealed class Slow(ConcurrentQueue<Slow> calls) : Handler
    {
        private readonly TaskCompletionSource _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = Octets;

        /// <summary>Begins to read, and waits until all is read.</summary>
        public async Task GoOnAsync()
        {
            await _accepted.Task;
            Pair.Signal(1);
            await _all.Task;
        }

        public override void Accepted(IPair pair)
        {
            base.Accepted(pair);
            pair.Pause(Leg.Client);
            _accepted.SetResult();
        }

        public override void Signalled(int what) => Pair.Resume(Leg.Client);

        public override void Received(Leg from, ReadOnlySpan<byte> octets)
        {
            calls.Enqueue(this);
            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetTimestamp() - began <= Turn.OfALeg;)
            {
                // It has so much to do.
            }

            _left -= octets.Length;
            if (_left == 0)
            {
                _all.SetResult();
            }
        }
    }
}
