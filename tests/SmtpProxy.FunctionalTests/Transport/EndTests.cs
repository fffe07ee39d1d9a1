using System.Net.Sockets;
using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

public sealed class EndTests
{
    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Shut_TheClientHalfCloses_TheRelayStillSpeaks(string transport)
    {
        await using var rig = new Rig(transport);
        var (client, relay, session) = await rig.Join();
        await client.Says("QUIT\r\n");
        client.Fin();
        var (heard, end) = await relay.ReadToEnd();
        Assert.Equal(("QUIT\r\n", EndKind.Fin), (Encoding.Latin1.GetString(heard), end));
        await relay.Says("221 bye\r\n");
        await client.Hears("221 bye\r\n");
        relay.Fin();
        await client.Ends(EndKind.Fin);
        await session.Log.Saw("Closed");
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Shut_TheRelayHalfCloses_TheClientStillSpeaks(string transport)
    {
        await using var rig = new Rig(transport);
        var (client, relay, session) = await rig.Join();
        relay.Fin();
        await client.Ends(EndKind.Fin);
        await client.Says("still here");
        await relay.Hears("still here");
        client.Fin();
        await relay.Ends(EndKind.Fin);
        await session.Log.Saw("Closed");
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Ended_FinBehindAWholeBurst_NoReplyIsLost(string transport)
    {
        await using var rig = new Rig(transport);
        var replies = RandomOctets.Of(100_000);
        for (var n = 0; n < 100; n++)
        {
            var client = await rig.Connect();
            await client.Says("EHLO x\r\nMAIL FROM:<>\r\nQUIT\r\n");
            client.Fin();
            var relay = await rig.AcceptRelay();
            Assert.Equal((28, EndKind.Fin), ((await relay.ReadToEnd()) is var (octets, end) ? (octets.Length, end) : default));
            var answered = relay.Says(replies);
            var heard = client.ReadToEnd();
            await answered;
            relay.Fin();
            Assert.Equal(replies, (await heard).Octets);
            Assert.Equal(EndKind.Fin, (await heard).End);
        }

        await rig.AllClosed();
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Shut_BehindALargeSend_ComesAfterTheLastOctet(string transport)
    {
        var octets = RandomOctets.Of(4_000_000);
        await using var rig = new Rig(transport, session => session.OnDialled = _ =>
        {
            session.Pair.Send(Leg.Client, octets);
            session.Pair.Shut(Leg.Client);
            session.Pair.Send(Leg.Client, "after the FIN"u8);
        });
        var (client, _, _) = await rig.Join();
        var (heard, end) = await client.ReadToEnd();
        Assert.Equal(octets, heard);
        Assert.Equal(EndKind.Fin, end);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Close_BeforeThePeerLooks_ItStillReadsTheLastWordsAndFin(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnAccepted = () =>
        {
            session.Pair.Send(Leg.Client, "421 bye\r\n"u8);
            session.Pair.Shut(Leg.Client);
            session.Pair.Close(Leg.Client);
        });
        var client = await rig.Connect();
        await (await rig.Session()).Log.Saw("Closed");
        Assert.Equal(SocketError.Success, (SocketError)client.Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!);
        var (heard, end) = await client.ReadToEnd();
        Assert.Equal(("421 bye\r\n", EndKind.Fin), (Encoding.Latin1.GetString(heard), end));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Close_OverOctetsThatCannotGo_IsAReset_ForNoPeerMayTakeWhatItHasForAll(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnAccepted = () =>
        {
            session.Pair.Send(Leg.Client, new byte[32_000_000]);
            session.Pair.Shut(Leg.Client);
            session.Pair.Close(Leg.Client);
        });
        var client = await rig.Connect();
        await (await rig.Session()).Log.Saw("Closed");
        Assert.Equal(EndKind.Reset, (await client.ReadToEnd()).End);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Ended_TheClientResets_TheRelayIsReset(string transport)
    {
        await using var rig = new Rig(transport);
        var (client, relay, session) = await rig.Join();
        client.Reset();
        await relay.Ends(EndKind.Reset);
        await session.Log.Saw("Closed");
        Assert.Equal(["Ended Client Reset", "Closed"], session.Log.Events[^2..]);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Ended_TheRelayResets_TheClientIsReset(string transport)
    {
        await using var rig = new Rig(transport);
        var (client, relay, session) = await rig.Join();
        relay.Reset();
        await client.Ends(EndKind.Reset);
        await session.Log.Saw("Closed");
        Assert.Equal(["Ended Relay Reset", "Closed"], session.Log.Events[^2..]);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Ended_OctetsAndAReset_AreNeverAFin(string transport)
    {
        await using var rig = new Rig(transport);
        for (var n = 0; n < 50; n++)
        {
            var (client, relay, session) = await rig.Join();
            await relay.Says("554 go away\r\n");
            relay.Reset();
            Assert.Equal(EndKind.Reset, (await client.ReadToEnd()).End);
            await session.Log.Saw("Ended Relay Reset");
        }
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Ended_ResetWhilePaused_IsToldAtResumeAtTheLatest(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnSignalled = what =>
        {
            Action<Leg> change = what == 1 ? session.Pair.Pause : session.Pair.Resume;
            change(Leg.Client);
        });
        var (client, relay, session) = await rig.Join();
        await session.Signal(1);
        await client.Says("unread");
        client.Reset();
        session.Pair.Signal(2);
        await session.Log.Saw("Ended Client Reset");
        Assert.Equal(EndKind.Reset, (await relay.ReadToEnd()).End);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Ended_ResetBehindAFin_IsToldToo(string transport)
    {
        await using var rig = new Rig(transport);
        var (client, relay, session) = await rig.Join();
        client.Fin();
        await relay.Ends(EndKind.Fin);
        client.Reset();
        await session.Log.Saw("Closed");
        Assert.Equal(["Ended Client Fin", "Ended Client Reset", "Closed"], session.Log.Events[^3..]);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Ended_SendingToAPeerThatHasClosed_IsAReset(string transport)
    {
        await using var rig = new Rig(transport);
        var (client, relay, session) = await rig.Join();
        client.Dispose();
        await relay.Ends(EndKind.Fin);
        await session.Log.Saw("Ended Client Fin");
        await relay.Says("221 nobody listens\r\n");
        await session.Log.Saw("Closed");
        Assert.Contains("Ended Client Reset", session.Log.Events);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Reset_OfALeg_IsAResetForItsPeerAndNoEventForTheSession(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnSignalled = _ =>
        {
            session.Pair.Reset(Leg.Client);
            session.Pair.Send(Leg.Client, "into the void"u8);
            session.Pair.Pause(Leg.Client);
            session.Pair.Resume(Leg.Client);
            session.Pair.Shut(Leg.Client);
            session.Pair.Send(Leg.Relay, "alive"u8);
        });
        var (client, relay, session) = await rig.Join();
        await session.Signal(1);
        await client.Ends(EndKind.Reset);
        await relay.Hears("alive");
        relay.Fin();
        await session.Log.Saw("Ended Relay Fin");
        Assert.DoesNotContain(session.Log.Events, e => e.StartsWith("Ended Client", StringComparison.Ordinal));
    }
}
