using SmtpProxy.Transport.Resources;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>Alone, as it limits what the whole process may have.</summary>
[Collection(nameof(Alone))]
public sealed class QueueLimitTests
{
    private const int Sessions = 20;
    private const int Limit = 64 * 1024;

    /// <summary>More than the kernel's buffers hold between two peers on one machine.</summary>
    private const int Large = 48_000_000;

    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Limit_ReachedByRelaysThatTakeNothing_ThoseLetInBeforeAddLittle_AndNothingIsLost(string transport)
    {
        await using var rig = new Rig(transport);
        rig.SmallRelayWindow();
        List<(Peer Client, Peer Relay, TestSession Session)> joined = [];
        for (var n = 0; n < Sessions; n++)
        {
            joined.Add(await rig.Join());
        }

        var octets = new byte[Large];
        try
        {
            QueueMemory.Limit = QueueMemory.InUse + Limit;
            var sent = joined.ConvertAll(one => one.Client.Says(octets));
            foreach (var (_, _, session) in joined)
            {
                await session.Log.Saw("Blocked Relay");
            }

            // The limit, a read under way on each loop when it was reached, and the least that a session is shown at once.
            Assert.InRange(joined.Sum(static one => one.Session.MostUnsent), 1,
                Limit + (2 * Portion.Largest) + (Sessions * Portion.Smallest));
            var heard = joined[0].Relay.Read(Large);
            await Task.WhenAll(sent[0], heard);
            Assert.Equal(Large, (await heard).Length);
        }
        finally
        {
            QueueMemory.Limit = QueueMemory.DefaultLimit;
        }
    }
}
