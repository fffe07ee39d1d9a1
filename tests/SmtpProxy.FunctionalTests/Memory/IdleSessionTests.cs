using SmtpProxy.FunctionalTests.Transport;
using Xunit.Abstractions;

namespace SmtpProxy.FunctionalTests.Memory;

[Collection(nameof(Crowded))]
public sealed class IdleSessionTests(ITestOutputHelper output)
{
    private const int Sessions = 2_000;
    private const int Rounds = 6;
    private const int KiB = 1024;

    /// <summary>What the runtime is allowed for its heap: enough for what is open, not for keeping 2 KiB of
    /// each session that is over.</summary>
    private const int HeapLimit = 48 * KiB * KiB;

    /// <summary>Octets that may be kept of a session that is over, on the heap or beside it.</summary>
    private const int Kept = 2 * KiB;

    /// <summary>Octets of the proxy's own memory that an idle session may have: its state, not a buffer of its own.</summary>
    private const int PerSession = 16 * KiB;

    /// <summary>What the runtime takes and gives back by itself: the youngest generation, code that is compiled again.</summary>
    private const int Runtime = 16 * KiB * KiB;

    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Idle_TwoThousandSessions_TakeTheirStateAndNoMore(string transport)
    {
        await using var pairs = await ProxiedPairs.Start(transport, descriptors: (2 * Sessions) + 500, HeapLimit);
        var opened = 100;
        await pairs.OpenIdle(opened);
        var before = pairs.Memory.Anonymous;
        var taken = new List<long>();
        for (var round = 0; round < Rounds; round++)
        {
            await pairs.OpenIdle(Sessions);
            taken.Add(pairs.Memory.Anonymous);
            await pairs.CloseAll(opened += Sessions);
        }

        output.WriteLine(
            $"{transport}: {before / KiB} KiB; with {Sessions} sessions, round by round, " +
                $"{string.Join(", ", taken.Select(octets => octets / KiB))} KiB");
        Assert.InRange(taken[0] - before, 0, (Sessions * PerSession) + Runtime);
        // What is over is garbage, which the runtime lets lie for as long as its limit allows: what were no garbage would not fit in the
        // end. Beside the heap are stacks, compiled code and buffers, more of them where the machine is busy: what they are once all
        // of it has been used is the measure, and not a figure.
        Assert.InRange(taken[^1] - taken[1], long.MinValue, (Rounds - 2) * Sessions * (long)Kept);
    }
}
