using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.FunctionalTests.Transport;

public sealed class LaterTests
{
    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Later_AskedInACall_IsSignalledOnceAfterIt_WhetherTheLegIsReadOrNot(string transport)
    {
        await using var rig = new Rig(transport, static session => session.OnReceived = (from, octets) =>
        {
            session.Pair.Pause(Leg.Client);
            session.Pair.Later(6);
            session.Pair.Later(7);
            session.Mirror(from, octets);
        });
        var (client, relay, session) = await rig.Join();
        session.OnSignalled = _ => session.Pair.Resume(Leg.Client);
        await client.Says("a");
        await relay.Hears("a");
        await session.Log.Saw("Signalled 7");
        await client.Says("b");
        await relay.Hears("b");
        await session.Log.Until(static events => events.Count(static e => e == "Signalled 7") == 2, "Signalled 7, again");
        Assert.Equal(["Received Client", "Signalled 7", "Received Client", "Signalled 7"], session.Log.Events.Where(static e => e.Contains("Client") || e.Contains("Signalled")));
        client.Fin();
        await relay.Ends(EndKind.Fin);
        relay.Fin();
        await rig.AllClosed();
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Later_ThePairIsClosedBefore_IsNotSignalled(string transport)
    {
        await using var rig = new Rig(transport, static session => session.OnReceived = (_, _) =>
        {
            session.Pair.Later(7);
            session.Pair.Reset(Leg.Client);
            session.Pair.Reset(Leg.Relay);
        });
        var (client, relay, session) = await rig.Join();
        await client.Says("a");
        await relay.Ends(EndKind.Reset);
        await rig.AllClosed();
        await rig.Transport.DisposeAsync();
        Assert.Equal("Closed", session.Log.Events[^1]);
        Assert.DoesNotContain("Signalled 7", session.Log.Events);
    }
}
