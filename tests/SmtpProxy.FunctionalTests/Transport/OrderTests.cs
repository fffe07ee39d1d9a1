using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Portable;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>In which order octets of both legs are told that came while the session was at work.</summary>
public sealed class OrderTests
{
    private static readonly byte[] Octet = "x"u8.ToArray();

    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Received_TheClientSpokeBeforeTheRelayDuringACall_IsToldFirst(string transport)
    {
        await using var rig = new Rig(transport);
        var (client, relay, session) = await rig.Join();
        // What is sent is there, also where the octets before it are not acknowledged.
        client.Socket.NoDelay = relay.Socket.NoDelay = true;
        var toldOfClient = 0;
        session.OnReceived = (from, octets) =>
        {
            session.Mirror(from, octets);
            if (from == Leg.Client && ++toldOfClient % 2 == 1)
            {
                // As after a handshake that took its time: the client goes on, and then the relay speaks.
                client.Socket.Send(Octet);
                var before = RelayRead(session);
                relay.Socket.Send(Octet);
                SpinWait.SpinUntil(() => before is null || RelayRead(session) != before, Rig.Patience);
            }
        };
        const int Rounds = 50;
        for (var round = 0; round < Rounds; round++)
        {
            await client.Says("x");
            await relay.Hears("xx");
            await client.Hears("x");
        }

        var told = session.Log.Events.Where(static e => e.StartsWith("Received", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Repeat<string[]>(["Received Client", "Received Client", "Received Relay"], Rounds)
            .SelectMany(static e => e), told);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Received_TheClientAlwaysHasMore_TheRelayHasItsTurn(string transport)
    {
        await using var rig = new Rig(transport);
        var (client, relay, session) = await rig.Join();
        var relaySpoke = false;
        session.OnReceived = (from, octets) =>
        {
            relaySpoke |= from == Leg.Relay;
            if (!relaySpoke)
            {
                client.Socket.Send(Octet);
            }
        };
        await client.Says("x");
        await relay.Says("x");
        await session.Log.Saw("Received Relay");
    }

    /// <summary>When the relay's octets were taken from the kernel last; null: that is not done while a session is at work.</summary>
    private static long? RelayRead(TestSession session) => (session.Pair as PortablePair)?.RelayLeg!.In.ArrivedAt;
}
