using System.Net.Sockets;
using System.Security.Cryptography;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.FunctionalTests.Transport;

public sealed class BackPressureTests
{
    /// <summary>More than the kernel's buffers hold between two peers on one machine.</summary>
    private const int Large = 48_000_000;

    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Send_ToASlowReader_KeepsOneReadAtMost(string transport)
    {
        await using var rig = new Rig(transport);
        rig.SmallRelayWindow();
        var (client, relay, session) = await rig.Join();
        var octets = RandomOctets.Of(Large);
        var sent = client.Says(octets);
        await session.Log.Saw("Blocked Relay");
        Assert.False(sent.IsCompleted);
        var heard = relay.Read(octets.Length);
        await Task.WhenAll(sent, heard);
        Assert.Equal(SHA256.HashData(octets), SHA256.HashData(await heard));
        await session.Log.Saw("Drained Relay");
        Assert.InRange(session.MostUnsent, 1, 256 * 1024);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Send_MoreThanTheKernelTakes_IsUnsentUntilDrained(string transport)
    {
        var octets = RandomOctets.Of(Large);
        var unsent = 0;
        await using var rig = new Rig(transport, session => session.OnSignalled = _ =>
        {
            session.Pair.Send(Leg.Client, octets.AsSpan(0, 1000));
            session.Pair.Send(Leg.Client, octets.AsSpan(1000));
            unsent = session.Pair.Unsent(Leg.Client);
            session.Pair.Send(Leg.Client, "behind"u8);
        });
        var (client, relay, session) = await rig.Join();
        await session.Signal(1);
        Assert.InRange(unsent, 1, Large);
        Assert.DoesNotContain("Drained Client", session.Log.Events);

        Assert.Equal(SHA256.HashData(octets), SHA256.HashData(await client.Read(octets.Length)));
        await client.Hears("behind");
        await session.Log.Saw("Drained Client");
        Assert.Single(session.Log.Events, e => e == "Drained Client");
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Unsent_AsMuchAsARead_DoesNotHoldUpTheOtherDirection(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnSignalled = _ =>
        {
            // The kernel takes what it takes; a read's worth remains.
            while (session.Pair.Unsent(Leg.Client) == 0)
            {
                session.Pair.Send(Leg.Client, new byte[64 * 1024]);
            }
        });
        var (client, relay, session) = await rig.Join();
        await session.Signal(1);
        Assert.DoesNotContain("Drained Client", session.Log.Events);
        await client.Says("meanwhile");
        await relay.Hears("meanwhile");
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Client_DrawsAnswersAndNeverReads_IsNotReadUntilItDoes(string transport)
    {
        const int Lines = 400_000;
        const int Answer = 200;
        var answer = new byte[Answer];
        var most = 0;
        await using var rig = new Rig(transport, session => session.OnReceived = (from, octets) =>
        {
            for (var n = 0; n < octets.Length; n++)
            {
                session.Pair.Send(from, answer);
            }

            most = Math.Max(most, session.Pair.Unsent(from));
            if (session.Pair.Unsent(from) > QueueMemory.Bound)
            {
                session.Log.Add("Full");
            }
        });
        var (client, _, session) = await rig.Join();
        var sent = client.Says(new byte[Lines]);
        await session.Log.Saw("Full");
        for (var read = 0; read < Lines * Answer;)
        {
            var more = (await client.Read(Math.Min(64 * 1024, (Lines * Answer) - read))).Length;
            Assert.True(more > 0);
            read += more;
        }

        await sent;
        Assert.Equal(Lines, session.ReceivedFrom(Leg.Client));
        // What one read of 64 KiB draws, and what may be unsent before it.
        Assert.InRange(most, 1, (64 * 1024 * Answer) + (256 * 1024));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Ended_ThePeerResetsWhileOctetsAreUnsent_DropsThem(string transport)
    {
        await using var rig = new Rig(transport);
        rig.SmallRelayWindow();
        var (client, relay, session) = await rig.Join();
        var sent = client.Says(new byte[Large]);
        await session.Log.Saw("Blocked Relay");
        relay.Reset();
        await session.Log.Saw("Closed");
        var broken = await Assert.ThrowsAsync<SocketException>(() => sent);
        Assert.True(broken.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown, broken.Message);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Reset_WhileOctetsAreUnsent_DropsThemAtOnce(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnSignalled = _ =>
        {
            session.Pair.Send(Leg.Relay, new byte[Large]);
            session.Pair.Reset(Leg.Relay);
            session.Log.Add($"Unsent {session.Pair.Unsent(Leg.Relay)}");
        });
        var (_, relay, session) = await rig.Join();
        await session.Signal(1);
        await session.Log.Saw("Unsent 0");
        var (octets, end) = await relay.ReadToEnd();
        Assert.InRange(octets.Length, 0, Large - 1);
        Assert.Equal(EndKind.Reset, end);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Shut_WhileOctetsAreUnsentAndThePeerHasEnded_StillDeliversThem(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnEnded = (from, _) =>
        {
            if (from == Leg.Client)
            {
                session.Pair.Send(Leg.Client, new byte[Large]);
                session.Pair.Shut(Leg.Client);
                session.Pair.Reset(Leg.Relay);
            }
        });
        var (client, _, session) = await rig.Join();
        client.Fin();
        await session.Log.Saw("Ended Client Fin");
        Assert.DoesNotContain("Closed", session.Log.Events);
        var (octets, end) = await client.ReadToEnd();
        Assert.Equal((Large, EndKind.Fin), (octets.Length, end));
        await session.Log.Saw("Closed");
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Pause_ThePeerKeepsSending_IsStoppedByTcp(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnSignalled = what =>
        {
            Action<Leg> change = what == 1 ? session.Pair.Pause : session.Pair.Resume;
            change(Leg.Client);
        });
        var (client, relay, session) = await rig.Join();
        await session.Signal(1);
        var octets = new byte[Large];
        var sent = 0;
        client.Socket.Blocking = false;
        while (sent < Large && client.Socket.Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectWrite))
        {
            sent += client.Socket.Send(octets.AsSpan(sent), SocketFlags.None, out _);
        }

        Assert.InRange(sent, 1, Large - 1);
        Assert.Equal(0, session.ReceivedFrom(Leg.Client));
        await session.Signal(2);
        var heard = relay.Read(Large);
        await client.Says(octets.AsMemory(sent));
        Assert.Equal(Large, (await heard).Length);
    }
}
