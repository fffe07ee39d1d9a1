using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>Peers that send, read slowly and half-close when they like, many at the same time.</summary>
public sealed class RandomPeersTests
{
    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Ended_PeersOfAnyPace_EachGetsEverythingAndItsFin(string transport)
    {
        await using var rig = new Rig(transport);
        rig.SmallRelayWindow();
        var sessions = new List<Task>();
        for (var seed = 0; seed < 60; seed++)
        {
            var (client, relay, _) = await rig.Join();
            sessions.Add(Converse(client, relay, seed));
        }

        await Task.WhenAll(sessions);
        await rig.AllClosed();
    }

    private static async Task Converse(Peer client, Peer relay, int seed)
    {
        var random = new Random(seed);
        var up = RandomOctets.Of(random.Next(0, 400_000), seed);
        var down = RandomOctets.Of(random.Next(0, 400_000), -seed - 1);
        var ends = await Task.WhenAll(Talk(client, up, down, seed), Talk(relay, down, up, -seed));
        Assert.All(ends, Assert.True);
    }

    private static async Task<bool> Talk(Peer peer, byte[] says, byte[] hears, int seed)
    {
        var listening = Listen(peer, hears, seed);
        await peer.SaysInPieces(says, seed);
        peer.Fin();
        return await listening;
    }

    private static async Task<bool> Listen(Peer peer, byte[] expected, int seed)
    {
        var random = new Random(seed);
        for (var at = 0; at < expected.Length;)
        {
            var piece = await peer.Read(Math.Min(random.Next(1, 60_000), expected.Length - at));
            Assert.Equal(expected[at..(at + piece.Length)], piece);
            Assert.NotEmpty(piece);
            at += piece.Length;
            await Task.Yield();
        }

        await peer.Ends(EndKind.Fin);
        return true;
    }
}
