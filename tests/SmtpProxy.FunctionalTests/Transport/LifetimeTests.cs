using System.Net;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

public sealed class LifetimeTests
{
    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Signal_FromManyThreadsUnderLoad_EveryOneIsTold(string transport)
    {
        const int threads = 8;
        const int each = 100;
        await using var rig = new Rig(transport);
        var (client, relay, session) = await rig.Join();
        var octets = new byte[4_000_000];
        var traffic = Task.WhenAll(client.SaysInPieces(octets, 6), relay.Read(octets.Length));
        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
        {
            for (var n = 0; n < each; n++)
            {
                session.Pair.Signal((thread * each) + n);
            }
        })));
        await session.Log.Until(
            events => events.Count(e => e.StartsWith("Signalled", StringComparison.Ordinal)) >= threads * each, "every signal");
        await traffic;
        Assert.Equal(threads * each, session.Log.Events.Where(e => e.StartsWith("Signalled", StringComparison.Ordinal)).Distinct().Count());
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Signal_OfAPairThatIsClosed_IsIgnored(string transport)
    {
        await using var rig = new Rig(transport);
        var (client, _, session) = await rig.Join();
        client.Reset();
        await session.Log.Saw("Closed");
        session.Pair.Signal(1);
        var (_, _, other) = await rig.Join();
        await other.Signal(2);
        Assert.Equal("Closed", session.Log.Events[^1]);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Received_TheHandlerThrows_BothLegsAreResetAndItIsLogged(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnReceived = (_, _) => throw new InvalidOperationException("a bug"));
        var (client, relay, session) = await rig.Join();
        await client.Says("x");
        await Task.WhenAll(client.Ends(EndKind.Reset), relay.Ends(EndKind.Reset));
        await session.Log.Saw("Closed");
        Assert.Contains(rig.Errors.Errors, error => error.Cause is InvalidOperationException { Message: "a bug" });
        await rig.AllClosed();
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Received_OneHandlerThrows_OthersGoOn(string transport)
    {
        var count = 0;
        await using var rig = new Rig(transport, session =>
        {
            if (Interlocked.Increment(ref count) == 1)
            {
                session.OnAccepted = () => throw new InvalidOperationException("a bug");
            }
        });
        var first = await rig.Connect();
        await (await rig.Session()).Log.Saw("Closed");
        Assert.Empty((await first.ReadToEnd()).Octets);
        var (client, relay, _) = await rig.Join();
        await client.Says("alive");
        await relay.Hears("alive");
    }

    /// <summary>Loggers hand on what their outputs throw.</summary>
    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Received_TheHandlerThrows_AndSoDoesTheLog_OthersGoOn(string transport)
    {
        var breaks = true;
        await using var rig = new Rig(transport, session => session.OnReceived = breaks
            ? static (_, _) => throw new InvalidOperationException("a bug") : null);
        rig.Errors.IsFull = true;
        // As many as there are loops, and more: none of them may be lost.
        for (var n = 0; n < 2 * Environment.ProcessorCount; n++)
        {
            var (broken, brokenRelay, session) = await rig.Join();
            await broken.Says("x");
            await Task.WhenAll(broken.Ends(EndKind.Reset), brokenRelay.Ends(EndKind.Reset));
            await session.Log.Saw("Closed");
        }

        Assert.Equal(2 * Environment.ProcessorCount, rig.Errors.Errors.Count);
        breaks = false;
        var (client, relay, _) = await rig.Join();
        await client.Says("alive");
        await relay.Hears("alive");
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Stop_PairsAreOpen_TheyGoOnAndNewOnesAreRefused(string transport)
    {
        await using var rig = new Rig(transport);
        var (client, relay, _) = await rig.Join();
        rig.Listening.Stop();
        rig.Listening.Stop();
        await rig.Listening.DisposeAsync();
        await Assert.ThrowsAsync<SocketException>(rig.Connect);
        Assert.Equal(1, rig.Transport.OpenPairs);
        await client.Says("still");
        await relay.Hears("still");
        client.Fin();
        relay.Fin();
        await rig.AllClosed();
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task DisposeAsync_PairsAreOpen_EndsThemAll(string transport)
    {
        await using var rig = new Rig(transport);
        var joined = new List<(Peer Client, Peer Relay, TestSession Session)>();
        for (var n = 0; n < 20; n++)
        {
            joined.Add(await rig.Join());
        }

        Assert.Equal(20, rig.Transport.OpenPairs);
        await rig.Transport.DisposeAsync().AsTask().WaitAsync(Rig.Patience);
        foreach (var (client, relay, session) in joined)
        {
            await Task.WhenAll(client.Ends(EndKind.Reset), relay.Ends(EndKind.Reset));
            Assert.Equal("Closed", session.Log.Events[^1]);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task DisposeAsync_Twice_DoesNothingMore(string transport)
    {
        await using var rig = new Rig(transport);
        await rig.Join();
        await rig.DisposeAsync();
        await rig.Transport.DisposeAsync();
        Assert.Equal(0, rig.Transport.OpenPairs);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Listen_TheAddressIsTaken_SaysWhichAndWhy(string transport)
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        await using var rig = new Rig(transport);
        var refused = Assert.Throws<TransportException>(
            () => rig.Transport.Listen(taken.LocalEndPoint!, new ListenOptions(), _ => throw new InvalidOperationException()));
        Assert.Contains(taken.LocalEndPoint!.ToString()!, refused.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Listen_TheHandlerCannotBeMade_EndsTheConnectionAndGoesOnAccepting(string transport)
    {
        var count = 0;
        await using var rig = new Rig(transport, _ =>
        {
            if (Interlocked.Increment(ref count) == 1)
            {
                throw new InvalidOperationException("no session for you");
            }
        });
        var refused = await rig.Connect();
        Assert.Empty((await refused.ReadToEnd()).Octets);
        var (client, relay, _) = await rig.Join();
        await client.Says("next");
        await relay.Hears("next");
        Assert.Equal(1, rig.Transport.OpenPairs);
    }
}
