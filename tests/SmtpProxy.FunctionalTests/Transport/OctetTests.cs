using System.Security.Cryptography;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

public sealed class OctetTests
{
    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Received_RandomSizesBothWays_ArriveUnchangedAndInOrder(string transport)
    {
        await using var rig = new Rig(transport);
        var (client, relay, _) = await rig.Join();
        var up = RandomOctets.Of(8_000_000);
        var down = RandomOctets.Of(8_000_000, seed: 2);
        var heardByRelay = relay.Read(up.Length);
        var heardByClient = client.Read(down.Length);
        await Task.WhenAll(client.SaysInPieces(up, 1), relay.SaysInPieces(down, 2), heardByRelay, heardByClient);
        Assert.Equal(SHA256.HashData(up), SHA256.HashData(await heardByRelay));
        Assert.Equal(SHA256.HashData(down), SHA256.HashData(await heardByClient));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Accepted_AnyConnection_KnowsBothAddressesAndTheTime(string transport)
    {
        await using var rig = new Rig(transport);
        var (client, relay, session) = await rig.Join();
        var (_, _, other) = await rig.Join();
        Assert.Equal(client.Socket.LocalEndPoint, session.Pair.Client);
        Assert.Equal(client.Socket.RemoteEndPoint, session.Pair.Local);
        Assert.Equal(relay.Socket.RemoteEndPoint, session.Dial.Local);
        Assert.Equal(relay.Socket.LocalEndPoint, session.Dial.Remote);
        Assert.NotEqual(session.Pair.Id, other.Pair.Id);
        Assert.InRange(session.Pair.Clock(), session.Pair.Now, long.MaxValue);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Now_DuringACall_StandsStillAndNeverGoesBack(string transport)
    {
        var times = new List<(long Before, long After, long Clock)>();
        await using var rig = new Rig(transport, session => session.OnReceived = (from, octets) =>
        {
            var before = session.Pair.Now;
            session.Mirror(from, octets);
            times.Add((before, session.Pair.Now, session.Pair.Clock()));
        });
        var (client, relay, session) = await rig.Join();
        for (var n = 0; n < 50; n++)
        {
            await client.Says("x");
            await relay.Hears("x");
        }

        await session.Signal(1);
        Assert.All(times, time => Assert.Equal(time.Before, time.After));
        Assert.All(times, time => Assert.InRange(time.Clock, time.Before, long.MaxValue));
        Assert.Equal(times.Select(time => time.Before).Order(), times.Select(time => time.Before));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Received_TheRelaySpeaksFirst_ComesAfterDialled(string transport)
    {
        await using var rig = new Rig(transport);
        for (var n = 0; n < 50; n++)
        {
            var client = await rig.Connect();
            await (await rig.AcceptRelay()).Says("220 hi\r\n");
            await client.Hears("220 hi\r\n");
            var events = (await rig.Session()).Log.Events;
            Assert.True(Array.IndexOf(events, "Dialled Connected") < Array.IndexOf(events, "Received Relay"));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Received_BothLegsHaveOctets_TheClientsComeFirst(string transport)
    {
        await using var rig = new Rig(transport);
        var (client, relay, session) = await rig.Join();
        for (var n = 1; n <= 300; n++)
        {
            await client.Says("c");
            await relay.Says("r");
            await Task.WhenAll(relay.Hears("c"), client.Hears("r"));
            await session.Signal(n);
        }

        var order = session.Log.Events.Where(e => e.StartsWith("Received", StringComparison.Ordinal)).Chunk(2);
        Assert.All(order, pair => Assert.Equal(["Received Client", "Received Relay"], pair));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Resume_BothLegsHaveOctets_TheClientsComeFirst(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnSignalled = what =>
        {
            Action<Leg> change = what % 2 == 1 ? session.Pair.Pause : session.Pair.Resume;
            change(Leg.Relay);
            change(Leg.Client);
        });
        var (client, relay, session) = await rig.Join();
        for (var n = 1; n < 100; n += 2)
        {
            await session.Signal(n);
            await relay.Says("r");
            await client.Says("c");
            await session.Signal(n + 1);
            await Task.WhenAll(relay.Hears("c"), client.Hears("r"));
        }

        var order = session.Log.Events.Where(e => e.StartsWith("Received", StringComparison.Ordinal)).Chunk(2);
        Assert.All(order, pair => Assert.Equal(["Received Client", "Received Relay"], pair));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Pause_OctetsArrive_AreNotDeliveredBeforeResume(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnSignalled = what =>
        {
            if (what == 1)
            {
                session.Pair.Pause(Leg.Client);
            }
            else if (what == 3)
            {
                session.Pair.Resume(Leg.Client);
            }
        });
        var (client, relay, session) = await rig.Join();
        await session.Signal(1);
        await client.Says("held back");
        await relay.Says("not held back");
        await client.Hears("not held back");
        await session.Signal(2);
        Assert.Equal(0, session.ReceivedFrom(Leg.Client));
        await session.Signal(3);
        await relay.Hears("held back");
    }
}
