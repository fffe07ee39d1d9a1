using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>
/// Sessions and peers that do anything they may at any time, by seed. Whatever happens, each side receives a beginning of what the other
/// sent, every pair is closed, and a transport that lived through it serves the next client.
/// </summary>
public sealed class MischiefTests
{
    private const int Seeds = 4;
    private const int Pairs = 60;

    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Pairs_AnythingAtAnyTime_OctetsStayInOrderAndAllAreClosed(string transport)
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            await Live(transport, seed);
        }
    }

    private static async Task Live(string transport, int seed)
    {
        var sessions = 0;
        await using var rig = new Rig(transport, session =>
        {
            var number = Interlocked.Increment(ref sessions);
            if (number <= Pairs)
            {
                _ = new Mischief(session, new Random((seed * 1000) + number));
            }
        });
        var relays = Enumerable.Range(0, Pairs).Select(_ => rig.AcceptRelay()).ToArray();
        var clients = await Task.WhenAll(Enumerable.Range(0, Pairs).Select(_ => rig.Connect()));
        await Task.WhenAll(
            clients.Select((client, n) => Live(client, Leg.Relay, new Random((seed * 7000) + n)))
                .Concat(relays.Select(async (relay, n) => await Live(await relay, Leg.Client, new Random((seed * 9000) + n)))));
        await rig.AllClosed();
        var (next, last, _) = await rig.Join();
        await next.Says("still here");
        await last.Hears("still here");
        next.Fin();
        last.Fin();
        await rig.AllClosed();
    }

    /// <summary>Sends and reads for a while, and ends in one of several ways. What it hears must be the other side's
    /// octets from the first on.</summary>
    private static async Task Live(Peer peer, Leg hears, Random random)
    {
        var total = random.Next(3) switch { 0 => random.Next(200), 1 => random.Next(50_000), _ => random.Next(1_500_000) };
        var says = Enumerable.Range(0, total).Select(n => Octet(hears.Other(), n)).ToArray();
        var ending = random.Next(4);
        var saying = Say(peer, says, random.Next(), ending);
        try
        {
            var (octets, _) = await peer.ReadToEnd();
            var expected = Enumerable.Range(0, octets.Length).Select(n => Octet(hears, n));
            Assert.True(expected.SequenceEqual(octets), $"what came from the {hears} is not what it sent");
        }
        catch (Exception gone) when (gone is ObjectDisposedException or SocketException)
        {
            // It reset its own connection.
        }

        await saying;
        peer.Dispose();
    }

    private static async Task Say(Peer peer, byte[] octets, int seed, int ending)
    {
        try
        {
            await peer.SaysInPieces(octets, seed);
            if (ending == 0)
            {
                peer.Reset();
            }
            else
            {
                peer.Fin();
            }
        }
        catch (Exception gone) when (gone is ObjectDisposedException or SocketException)
        {
            // The other side was faster.
        }
    }

    private static byte Octet(Leg from, int index) => (byte)((index * 31) + (index >> 8) + (int)from);

    /// <summary>Makes a session do what it may at any time, and in the end lets both directions go on or resets them.</summary>
    private sealed class Mischief
    {
        private const int Rounds = 40;

        private readonly TestSession _session;
        private readonly Random _random;
        private int _round;
        private bool _connected;

        public Mischief(TestSession session, Random random)
        {
            _session = session;
            _random = random;
            session.OnAccepted = () =>
            {
                session.Pair.Pause(Leg.Client);
                session.Pair.Dial(session.Target);
            };
            session.OnDialled = _ =>
            {
                _connected = true;
                session.Pair.Resume(Leg.Client);
                session.Pair.SetTimer(PairTimer.Session, TimeSpan.FromMilliseconds(5));
                Do();
            };
            session.OnReceived = (from, octets) =>
            {
                session.Mirror(from, octets);
                Do();
            };
            session.OnDrained = to =>
            {
                session.Pair.Resume(to.Other());
                Do();
            };
            session.OnEnded = (from, how) =>
            {
                if (how == EndKind.Fin)
                {
                    session.Pair.Shut(from.Other());
                }
                else
                {
                    session.Pair.Reset(from.Other());
                }

                Do();
            };
            session.OnTimedOut = _ =>
            {
                session.Pair.Resume(Leg.Client);
                session.Pair.Resume(Leg.Relay);
                if (++_round >= Rounds)
                {
                    session.Pair.Reset(Leg.Client);
                    session.Pair.Reset(Leg.Relay);
                    return;
                }

                session.Pair.SetTimer(PairTimer.Session, TimeSpan.FromMilliseconds(_random.Next(1, 20)));
                Do();
            };
            session.OnSignalled = _ => Do();
        }

        private void Do()
        {
            if (!_connected)
            {
                return;
            }

            var leg = (Leg)_random.Next(2);
            switch (_random.Next(60))
            {
                case < 6:
                    _session.Pair.Pause(leg);
                    break;
                case < 12:
                    _session.Pair.Resume(leg);
                    break;
                case < 18:
                    _session.Pair.Splice(leg, _random.Next(300_000));
                    break;
                case < 20:
                    _session.Pair.Splice(leg, long.MaxValue);
                    break;
                case < 22:
                    _session.Pair.Splice(leg, 0);
                    break;
                case < 25:
                    _session.Pair.SetTimer((PairTimer)_random.Next(4), TimeSpan.FromMilliseconds(_random.Next(30)));
                    break;
                case < 28:
                    _session.Pair.CancelTimer((PairTimer)_random.Next(4));
                    break;
                case < 32:
                    _session.Pair.Signal(_random.Next(3));
                    break;
                case 32 when _random.Next(4) == 0:
                    _session.Pair.Reset(leg);
                    break;
                case 33 when _random.Next(4) == 0:
                    _session.Pair.Shut(leg);
                    break;
                case 34 when _random.Next(8) == 0:
                    throw new InvalidOperationException("mischief");
                default:
                    break;
            }
        }
    }
}
