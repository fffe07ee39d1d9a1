using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>A dialogue that is ended at each of its points by each side in each way.</summary>
public sealed class EveryEndTests
{
    private static readonly (Leg From, string Octets)[] _dialogue =
    [
        (Leg.Relay, "220 hi\r\n"),
        (Leg.Client, "EHLO x\r\n"),
        (Leg.Relay, "250-hi\r\n250 PIPELINING\r\n"),
        (Leg.Client, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"),
        (Leg.Relay, "250 ok\r\n250 ok\r\n354 go\r\n"),
        (Leg.Client, new string('x', 20_000)),
        (Leg.Client, "\r\n.\r\n"),
        (Leg.Relay, "250 queued\r\n"),
    ];

    public static TheoryData<string, Leg, EndKind> Ends
    {
        get
        {
            var ends = new TheoryData<string, Leg, EndKind>();
            foreach (var transport in Transports.Names)
            {
                ends.Add(transport, Leg.Client, EndKind.Fin);
                ends.Add(transport, Leg.Client, EndKind.Reset);
                ends.Add(transport, Leg.Relay, EndKind.Fin);
                ends.Add(transport, Leg.Relay, EndKind.Reset);
            }

            return ends;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Ends))]
    public async Task Ended_AfterEachStep_ReachesTheOtherSideInItsKind(string transport, Leg of, EndKind how)
    {
        await using var rig = new Rig(transport);
        for (var steps = 0; steps <= _dialogue.Length; steps++)
        {
            var (client, relay, session) = await rig.Join();
            for (var step = 0; step < steps; step++)
            {
                var (from, octets) = _dialogue[step];
                await (from == Leg.Client ? client : relay).Says(octets);
                await (from == Leg.Client ? relay : client).Hears(octets);
            }

            var (ending, other) = of == Leg.Client ? (client, relay) : (relay, client);
            if (how == EndKind.Reset)
            {
                ending.Reset();
                await other.Ends(EndKind.Reset);
            }
            else
            {
                ending.Fin();
                await other.Ends(EndKind.Fin);
                await other.Says("and the other way goes on");
                await ending.Hears("and the other way goes on");
                other.Fin();
                await ending.Ends(EndKind.Fin);
            }

            await session.Log.Saw("Closed");
        }

        await rig.AllClosed();
    }

    /// <summary>Behind what it says, at once: the kernel has octets and the end together.</summary>
    [SkippableTheory]
    [MemberData(nameof(Ends))]
    public async Task Ended_TogetherWithOctets_LosesNoneToAFin(string transport, Leg of, EndKind how)
    {
        await using var rig = new Rig(transport);
        for (var n = 0; n < 60; n++)
        {
            var (client, relay, session) = await rig.Join();
            var (ending, other) = of == Leg.Client ? (client, relay) : (relay, client);
            var last = new string('z', 1 + (n * 997));
            await ending.Says(last);
            if (how == EndKind.Fin)
            {
                ending.Fin();
            }
            else
            {
                ending.Reset();
            }

            var (octets, end) = await other.ReadToEnd();
            Assert.Equal(how, end);
            Assert.True(how == EndKind.Reset || last == Encoding.Latin1.GetString(octets));
            other.Reset();
            await session.Log.Saw("Closed");
        }
    }
}
