using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>Pairs whose first handler takes six octets and hands the rest to another.</summary>
public sealed class HandOverTests
{
    private const string Header = "HEADER";
    private static readonly IPEndPoint TrueClient = IPEndPoint.Parse("[2001:db8::7]:4711");
    private static readonly IPEndPoint TrueLocal = IPEndPoint.Parse("[2001:db8::25]:25");

    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task HandOver_OctetsThatWereReadBeyond_ComeBeforeThoseThatFollow(string transport)
    {
        var octets = RandomOctets.Of(500_000);
        await using var rig = new Rig(transport);
        var session = new TestSession(rig.RelayAddress);
        using var client = await Connect(rig, session);
        var said = client.SaysInPieces((byte[])[.. Encoding.ASCII.GetBytes(Header), .. octets], 3);
        var relay = await rig.AcceptRelay();
        Assert.Equal(octets, await relay.Read(octets.Length));
        await said;
        Assert.Equal((TrueClient, TrueLocal), (session.Pair.Client, session.Pair.Local));
        await End(client, relay, session);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task HandOver_TheClientHasEnded_TheOctetsComeBeforeTheEnd(string transport)
    {
        await using var rig = new Rig(transport);
        var session = new TestSession(rig.RelayAddress);
        using var client = await Connect(rig, session);
        await client.Says(Header + "early");
        client.Fin();
        var relay = await rig.AcceptRelay();
        var (octets, end) = await relay.ReadToEnd();
        Assert.Equal(("early", EndKind.Fin), (Encoding.ASCII.GetString(octets), end));
        relay.Fin();
        await session.Log.Saw("Closed");
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task HandOver_ToWhoSplices_TheOctetsPassUnseen(string transport)
    {
        var octets = RandomOctets.Of(500_000);
        await using var rig = new Rig(transport);
        var session = new TestSession(rig.RelayAddress);
        session.OnDialled = _ =>
        {
            session.Pair.Splice(Leg.Client, long.MaxValue);
            session.Pair.Resume(Leg.Client);
        };
        using var client = await Connect(rig, session);
        var said = client.Says((byte[])[.. Encoding.ASCII.GetBytes(Header), .. octets]);
        var relay = await rig.AcceptRelay();
        Assert.Equal(octets, await relay.Read(octets.Length));
        await said;
        Assert.Equal(0, session.ReceivedFrom(Leg.Client));
        await End(client, relay, session);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task HandOver_TheClientResets_TheOctetsComeBeforeItOnceTheyAreWanted(string transport)
    {
        await using var rig = new Rig(transport);
        var session = new TestSession(rig.RelayAddress) { OnEnded = static (_, _) => { } };
        session.OnAccepted = () => session.Pair.Pause(Leg.Client);
        session.OnReceived = static (_, _) => { };
        session.OnSignalled = _ => session.Pair.Resume(Leg.Client);
        using var client = await Connect(rig, session);
        await client.Says(Header + "early");
        await session.Log.Saw("Accepted");
        client.Reset();
        await session.Signal(1);
        await session.Log.Saw("Closed");
        Assert.Equal(["Received Client", "Ended Client Reset", "Closed"],
            session.Log.Events.Where(static e => e is not ("Accepted" or "Signalled 1")));
        Assert.Equal("early".Length, session.ReceivedFrom(Leg.Client));
    }

    private static async Task<Peer> Connect(Rig rig, TestSession session)
    {
        var listening = rig.Transport.Listen(new IPEndPoint(IPAddress.Loopback, 0), new ListenOptions(), _ => new Gate(session));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listening.Address).WaitAsync(Rig.Patience);
        return new Peer(socket);
    }

    private static async Task End(Peer client, Peer relay, TestSession session)
    {
        client.Fin();
        await relay.Ends(EndKind.Fin);
        relay.Fin();
        await session.Log.Saw("Closed");
        Assert.Empty(session.Breaches);
    }

    /// <summary>Takes the header.</summary>
    private sealed class Gate(TestSession next) : IPairHandler
    {
        private IPair _pair = null!;
        private int _taken;

        public void Accepted(IPair pair) => _pair = pair;

        public void Received(Leg from, ReadOnlySpan<byte> octets)
        {
            var taken = Math.Min(octets.Length, Header.Length - _taken);
            _taken += taken;
            if (_taken == Header.Length)
            {
                _pair.HandOver(next, new Arrival(TrueClient, TrueLocal, _pair.Now), octets[taken..]);
            }
        }

        public void Dialled(in DialResult result) => Assert.Fail("the first handler is told of the dial");

        public void Spliced(Leg from, long octets) => Assert.Fail("the first handler is told of a splice");

        public void Ended(Leg from, EndKind how) => Assert.Fail("the first handler is told of an end");

        public void Drained(Leg to) => Assert.Fail("the first handler is told of room");

        public void TimedOut(PairTimer timer) => Assert.Fail("the first handler is told of a timer");

        public void Signalled(int what) => Assert.Fail("the first handler is told of a signal");

        public void Closed() => Assert.Fail("the first handler is told that all is over");
    }
}
