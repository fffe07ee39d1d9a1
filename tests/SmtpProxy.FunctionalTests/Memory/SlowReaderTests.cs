using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Transport;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using Xunit.Abstractions;

namespace SmtpProxy.FunctionalTests.Memory;

public sealed class SlowReaderTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;
    private const int Readers = 8;

    /// <summary>Far more than the kernel's buffers of a session hold.</summary>
    private const int Offered = 64 * MiB;

    /// <summary>What a reader that stands still may cost in the proxy's own memory: the read that it did not take, generously.</summary>
    private const int PerReader = MiB;

    /// <summary>What it may cost beside when the writer has flooded it with lines: the 10,000 exchanges that are followed
    /// and recorded of a session.</summary>
    private const int PerFlood = 4 * MiB;

    private const int Runtime = 8 * MiB;

    /// <summary>A write that is not taken for so long was refused for good, not by chance. Were it chance after all,
    /// less would be under way.</summary>
    private static readonly TimeSpan StandStill = TimeSpan.FromSeconds(1);

    private static readonly byte[] _endless = Encoding.ASCII.GetBytes(new string('2', 64 * 1024));
    private static readonly byte[] _lines =
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("250-" + new string('x', 58) + "\r\n", 1024)));

    public static IEnumerable<object[]> All => Transports.Names.SelectMany(
        _ => ((Leg Reader, bool InLines)[])[(Leg.Client, false), (Leg.Client, true), (Leg.Relay, false), (Leg.Relay, true)],
        (transport, shape) => (object[])[transport, shape.Reader, shape.InLines]);

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Reader_StandsStill_StopsItsWriterAndNotTheProxysMemory(string transport, Leg reader, bool inLines)
    {
        await using var pairs = await ProxiedPairs.Start(transport, descriptors: 200);
        await pairs.OpenIdle(50);
        var before = pairs.Memory.Resident;
        pairs.Memory.ForgetPeak();
        var floods = new List<Task<(Peer Reader, int Sent)>>();
        for (var n = 0; n < Readers; n++)
        {
            var (client, relay) = await pairs.Open();
            var (from, to) = reader == Leg.Client ? (relay, client) : (client, relay);
            floods.Add(Flood(from, to, inLines ? _lines : _endless));
        }

        var sessions = await Task.WhenAll(floods);

        var peak = pairs.Memory.PeakResident;
        output.WriteLine(
            $"{transport}, {reader} reads nothing{(inLines ? " of many lines" : "")}: " +
                $"{sessions.Sum(session => (long)session.Sent) / 1024} KiB under way, {before / 1024} KiB before, {peak / 1024} KiB at " +
                    $"the peak");
        Assert.All(sessions, session => Assert.InRange(session.Sent, 1, Offered - 1));
        Assert.InRange(peak - before, 0, (Readers * (PerReader + (inLines ? PerFlood : 0))) + Runtime);
        foreach (var (to, sent) in sessions)
        {
            Assert.Equal(sent, (await to.Read(sent)).Length);
        }
    }

    /// <summary>Sends until no more is taken.</summary>
    private static Task<(Peer Reader, int Sent)> Flood(Peer from, Peer to, byte[] block) => Task.Run(() =>
    {
        var socket = from.Socket;
        socket.Blocking = false;
        var sent = 0;
        while (sent < Offered && socket.Poll(StandStill, SelectMode.SelectWrite))
        {
            sent += socket.Send(block, 0, block.Length, SocketFlags.None, out _);
        }

        return (to, sent);
    }).WaitAsync(ProxyProcess.Patience);
}
