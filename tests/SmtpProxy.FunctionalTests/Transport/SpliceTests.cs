using System.Security.Cryptography;
using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

public sealed class SpliceTests
{
    private const int Large = 20_000_000;

    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Splice_SoManyOctets_ReceivedGoesOnAtTheExactOctet(string transport)
    {
        var octets = RandomOctets.Of(Large);
        var seen = new StringBuilder();
        await using var rig = new Rig(transport, session => Splice(session, Large, seen));
        var (client, relay, session) = await rig.Join();
        var heard = relay.Read(octets.Length + 6);
        await client.SaysInPieces((byte[])[.. octets, .. "QUIT\r\n"u8], 3);
        Assert.Equal(SHA256.HashData((byte[])[.. octets, .. "QUIT\r\n"u8]), SHA256.HashData(await heard));
        await session.Signal(1);
        Assert.Equal("QUIT\r\n", seen.ToString());
        Assert.Equal(Large, session.SplicedOctets);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Splice_FinInTheMiddle_EndsLikeAnyOther(string transport)
    {
        await using var rig = new Rig(transport, session => Splice(session, Large, new StringBuilder()));
        var (client, relay, session) = await rig.Join();
        await client.Says(new byte[1000]);
        client.Fin();
        var (octets, end) = await relay.ReadToEnd();
        Assert.Equal((1000, EndKind.Fin), (octets.Length, end));
        relay.Fin();
        await session.Log.Saw("Closed");
        Assert.Equal(1000, session.SplicedOctets);
        Assert.Contains("Ended Client Fin", session.Log.Events);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Splice_ResetInTheMiddle_EndsLikeAnyOther(string transport)
    {
        await using var rig = new Rig(transport, session => Splice(session, long.MaxValue, new StringBuilder()));
        var (client, relay, session) = await rig.Join();
        await client.Says("opaque");
        await relay.Hears("opaque");
        client.Reset();
        await relay.Ends(EndKind.Reset);
        await session.Log.Saw("Closed");
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Splice_BothWaysUntilTheEnd_ShowsNothing(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnDialled = _ =>
        {
            session.Pair.Splice(Leg.Client, long.MaxValue);
            session.Pair.Splice(Leg.Relay, long.MaxValue);
            session.Pair.Resume(Leg.Client);
        });
        var (client, relay, session) = await rig.Join();
        var up = RandomOctets.Of(3_000_000);
        var down = RandomOctets.Of(3_000_000, seed: 2);
        var heard = Task.WhenAll(relay.ReadToEnd(), client.ReadToEnd());
        await Task.WhenAll(client.SaysInPieces(up, 4), relay.SaysInPieces(down, 5));
        client.Fin();
        relay.Fin();
        Assert.Equal(up, (await heard)[0].Octets);
        Assert.Equal(down, (await heard)[1].Octets);
        await session.Log.Saw("Closed");
        Assert.Equal(6_000_000, session.SplicedOctets);
        Assert.DoesNotContain(session.Log.Events, e => e.StartsWith("Received", StringComparison.Ordinal));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Splice_ToASlowReader_WaitsForItAndLosesNothing(string transport)
    {
        var octets = RandomOctets.Of(Large);
        var seen = new StringBuilder();
        await using var rig = new Rig(transport, session =>
        {
            Splice(session, Large, seen);
            session.OnDrained = _ => { };
        });
        rig.SmallRelayWindow();
        var (client, relay, session) = await rig.Join();
        var sent = client.Says((byte[])[.. octets, .. "behind"u8]);
        await session.Log.Saw("Spliced Client");
        await session.Signal(1);
        Assert.InRange(session.Pair.Unsent(Leg.Relay), 0, 256 * 1024);
        var heard = relay.Read(Large + 6);
        await Task.WhenAll(sent, heard);
        Assert.Equal(SHA256.HashData((byte[])[.. octets, .. "behind"u8]), SHA256.HashData(await heard));
        Assert.Equal("behind", seen.ToString());
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Splice_BehindOctetsThatAreUnsent_ComesAfterThem(string transport)
    {
        var first = RandomOctets.Of(Large);
        await using var rig = new Rig(transport, session => session.OnDialled = _ =>
        {
            session.Pair.Send(Leg.Relay, first);
            session.Pair.Splice(Leg.Client, 6);
            session.Pair.Resume(Leg.Client);
        });
        var (client, relay, _) = await rig.Join();
        await client.Says("second");
        Assert.Equal(SHA256.HashData(first), SHA256.HashData(await relay.Read(Large)));
        await relay.Hears("second");
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Send_BehindASpliceThatIsUnsent_ComesAfterIt(string transport)
    {
        const int own = 30;
        var octets = RandomOctets.Of(Large);
        var (ended, isWaiting) = (false, false);
        await using var rig = new Rig(transport, session =>
        {
            Splice(session, long.MaxValue, new StringBuilder());
            session.OnDrained = _ => { };
            session.OnSignalled = _ =>
            {
                isWaiting = session.Pair.Unsent(Leg.Relay) > 0;
                if (ended)
                {
                    session.Pair.Send(Leg.Relay, "!"u8);
                }
                else if (session.SplicedOctets > Large / 4 && session.Pair.Unsent(Leg.Relay) > 0)
                {
                    ended = true;
                    session.Pair.Splice(Leg.Client, 0);
                    session.Pair.Pause(Leg.Client);
                }
            };
        });
        rig.SmallRelayWindow();
        var (client, relay, session) = await rig.Join();
        _ = client.Says(octets);
        var heard = new List<byte>();
        var signal = 0;
        while (!ended)
        {
            // Read only while something waits: a reader that is quicker than the writer would read all of it, and wait for more.
            if (isWaiting)
            {
                heard.AddRange(await relay.Read(16_384));
            }

            await session.Signal(++signal);
        }

        // Each time the kernel may have a little room, for which octets that are unsent have waited longer.
        for (var n = 0; n < own; n++)
        {
            heard.AddRange(await relay.Read(1500));
            await session.Signal(++signal);
        }

        var spliced = (int)session.SplicedOctets;
        heard.AddRange(await relay.Read(spliced + own - heard.Count));
        Assert.Equal(SHA256.HashData((byte[])[.. octets.AsSpan(0, spliced), .. Enumerable.Repeat((byte)'!', own)]),
            SHA256.HashData([.. heard]));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Splice_FromInsideReceived_BeginsAtTheNextOctet(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnReceived = (from, octets) =>
        {
            session.Mirror(from, octets);
            if (octets.EndsWith("BDAT 100000\r\n"u8))
            {
                session.Pair.Splice(from, 100_000);
            }
        });
        var (client, relay, session) = await rig.Join();
        for (var n = 1; n <= 20; n++)
        {
            await client.Says("BDAT 100000\r\n");
            await relay.Hears("BDAT 100000\r\n");
            await client.SaysInPieces(new byte[100_000], n);
            Assert.Equal(100_000, (await relay.Read(100_000)).Length);
            await session.Signal(n);
            Assert.Equal(n * 100_000, session.SplicedOctets);
            Assert.Equal(n * 13, session.ReceivedFrom(Leg.Client));
        }
    }

    private static void Splice(TestSession session, long octets, StringBuilder seen)
    {
        session.OnDialled = _ =>
        {
            session.Pair.Splice(Leg.Client, octets);
            session.Pair.Resume(Leg.Client);
        };
        session.OnReceived = (from, received) =>
        {
            seen.Append(Encoding.Latin1.GetString(received));
            session.Mirror(from, received);
        };
    }
}
