using System.Net;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

public sealed class DialTests
{
    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Dial_NobodyListens_IsRefused(string transport)
    {
        await using var rig = new Rig(transport, session => session.Target = new DialTarget(Unused(), TimeSpan.FromSeconds(20)));
        var client = await rig.Connect();
        var session = await rig.Session();
        await session.Log.Saw("Dialled Refused");
        Assert.False(string.IsNullOrEmpty(session.Dial.Error));
        await client.Ends(EndKind.Fin);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Dial_NobodyAnswers_TimesOut(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux leaves connections to a full backlog unanswered");
        using var hole = await BlackHole.Open();
        await using var rig = new Rig(transport, session => session.Target = new DialTarget(hole.Address, TimeSpan.FromMilliseconds(150)));
        var client = await rig.Connect();
        var session = await rig.Session();
        await session.Log.Saw("Dialled TimedOut");
        Assert.False(string.IsNullOrEmpty(session.Dial.Error));
        await client.Ends(EndKind.Fin);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Dial_AnAddressThatCannotBe_FailsWithWords(string transport)
    {
        await using var rig = new Rig(transport, session =>
            session.Target = new DialTarget(new IPEndPoint(IPAddress.Broadcast, 25), TimeSpan.FromSeconds(20)));
        var client = await rig.Connect();
        var session = await rig.Session();
        await client.Ends(EndKind.Fin);
        Assert.True(session.Dial.Outcome is DialOutcome.Unreachable or DialOutcome.Failed, session.Dial.ToString());
        Assert.False(string.IsNullOrEmpty(session.Dial.Error));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Dial_AfterADialThatFailed_Connects(string transport)
    {
        await using var rig = new Rig(transport, session =>
        {
            var second = session.Target;
            session.Target = new DialTarget(Unused(), TimeSpan.FromSeconds(20));
            session.OnDialled = result =>
            {
                if (result.Outcome == DialOutcome.Connected)
                {
                    session.Pair.Resume(Leg.Client);
                }
                else
                {
                    session.Pair.Dial(second);
                }
            };
        });
        var (client, relay, session) = await rig.Join();
        await client.Says("over here");
        await relay.Hears("over here");
        Assert.Equal(["Accepted", "Dialled Refused", "Dialled Connected"], session.Log.Events[..3]);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Dial_AfterResetOfTheRelay_ConnectsToTheNext(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnSignalled = _ =>
        {
            session.Pair.Reset(Leg.Relay);
            session.Pair.Dial(session.Target);
        });
        var (client, first, session) = await rig.Join();
        await first.Says("220 first");
        await client.Hears("220 first");
        await session.Signal(1);
        await first.Ends(EndKind.Reset);
        var second = await rig.AcceptRelay();
        await second.Says("220 second");
        await client.Hears("220 second");
        await client.Says("hello");
        await second.Hears("hello");
        Assert.DoesNotContain("Ended Relay Reset", session.Log.Events);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Dial_AfterTheRelayReset_ConnectsToTheNext(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnEnded = (from, _) =>
        {
            if (from == Leg.Relay)
            {
                session.Pair.Dial(session.Target);
            }
            else
            {
                session.Pair.Reset(Leg.Relay);
            }
        });
        var (client, first, _) = await rig.Join();
        first.Reset();
        var second = await rig.AcceptRelay();
        await second.Says("220 second");
        await client.Hears("220 second");
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Reset_OfTheRelayWhileDialling_GivesTheDialUp(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux leaves connections to a full backlog unanswered");
        using var hole = await BlackHole.Open();
        await using var rig = new Rig(transport, session =>
        {
            session.Target = new DialTarget(hole.Address, TimeSpan.FromMinutes(5));
            session.OnSignalled = _ =>
            {
                session.Pair.Reset(Leg.Client);
                session.Pair.Reset(Leg.Relay);
            };
        });
        var client = await rig.Connect();
        var session = await rig.Session();
        await session.Log.Saw("Accepted");
        await session.Signal(1);
        await client.Ends(EndKind.Reset);
        await session.Log.Saw("Closed");
        Assert.DoesNotContain(session.Log.Events, e => e.StartsWith("Dialled", StringComparison.Ordinal));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Closed_TheClientIsGoneWhileDialling_WaitsForTheDial(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux leaves connections to a full backlog unanswered");
        using var hole = await BlackHole.Open();
        await using var rig = new Rig(transport, session =>
        {
            // Long enough for the client to be gone before it, on a machine that has much to do.
            session.Target = new DialTarget(hole.Address, TimeSpan.FromSeconds(2));
            session.OnSignalled = _ => session.Pair.Reset(Leg.Client);
        });
        await rig.Connect();
        var session = await rig.Session();
        await session.Log.Saw("Accepted");
        await session.Signal(1);
        await session.Log.Saw("Closed");
        Assert.Equal(["Dialled TimedOut", "Closed"], session.Log.Events[^2..]);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Dial_OverIPv6_Connects(string transport)
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "no IPv6 here");
        var loopback = new IPEndPoint(IPAddress.IPv6Loopback, 0);
        await using var rig = new Rig(transport, listen: loopback, relay: loopback);
        var (client, relay, session) = await rig.Join();
        await client.Says("six");
        await relay.Hears("six");
        Assert.Equal(client.Socket.LocalEndPoint, session.Pair.Client);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Dial_OverAUnixDomainSocket_Connects(string transport)
    {
        Skip.IfNot(Socket.OSSupportsUnixDomainSockets, "no Unix-domain sockets here");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var rig = new Rig(transport, relay: new UnixDomainSocketEndPoint(path));
        var (client, relay, _) = await rig.Join();
        await client.Says("lmtp");
        await relay.Hears("lmtp");
        relay.Fin();
        await client.Ends(EndKind.Fin);
    }

    private static IPEndPoint Unused()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
