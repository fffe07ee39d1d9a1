using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Messages;

namespace SmtpProxy.Protocol.Tests;

/// <summary>The end of message data, found without looking at anything else: where <see cref="DataScanner"/> finds it,
/// however the octets are cut.</summary>
public sealed class EndFinderTests
{
    [Theory]
    [InlineData(".\r\nQUIT\r\n", 3)]
    [InlineData("\r\n.\r\n", 5)]
    [InlineData("a\r\n.\r\nb", 6)]
    [InlineData("a\r\n..\r\n.\r\n", 10)]
    [InlineData("a\r\n.\r\r\n.\r\n", 10)]
    [InlineData("a\n.\nb\r.\r\r\n.\n\r\n", -1)]
    [InlineData("\r\n.\r", -1)]
    public void End_IsCrLfDotCrLf_AndNothingElse(string body, int expected)
    {
        var octets = Encoding.Latin1.GetBytes(body);
        for (var cut = 0; cut <= octets.Length; cut++)
        {
            Assert.Equal(expected, Find(octets, [cut]));
        }

        Assert.Equal(expected, Find(octets, [.. Enumerable.Range(0, octets.Length)]));
    }

    [Fact]
    public void End_InAnyOctets_IsWhereTheScannerFindsIt()
    {
        var random = new Random(4711);
        for (var round = 0; round < 20_000; round++)
        {
            // Octets that matter, and a few that do not.
            var octets = Enumerable.Range(0, random.Next(1, 40)).Select(_ => "\r\n.\r\n.\rx\0"u8[random.Next(9)]).ToArray();
            var scanner = DataScanner.Start();
            var taken = scanner.Scan(octets, out var ended);
            Assert.Equal(ended ? taken : -1, Find(octets, [random.Next(octets.Length), random.Next(octets.Length)]));
        }
    }

    [Fact]
    public void Dialogue_OfFramingOnly_MatchesAndDoesNotReportTheBody()
    {
        var observer = new Anomalies();
        var dialogue = new Dialogue(observer, new DialogueLimits { OnlyFraming = true });
        dialogue.Start();
        dialogue.FromRelay("220 mx\r\n"u8);
        dialogue.FromClient("MAIL FROM:<a@b>\r\n"u8);
        dialogue.FromRelay("250 ok\r\n"u8);
        dialogue.FromClient("RCPT TO:<a@b>\r\n"u8);
        dialogue.FromRelay("250 ok\r\n"u8);
        dialogue.FromClient("DATA\r\n"u8);
        dialogue.FromRelay("354 go\r\n"u8);
        dialogue.FromClient("a\nb\rc\0\r\n.\r"u8);
        Assert.Equal(ClientPhase.Data, dialogue.ClientPhase);
        dialogue.FromClient("\n"u8);
        Assert.Equal(ClientPhase.Command, dialogue.ClientPhase);
        dialogue.FromRelay("250 queued\r\n"u8);
        Assert.Equal(0, dialogue.Outstanding);
        Assert.Empty(observer.Seen);
    }

    private static int Find(byte[] octets, int[] cuts)
    {
        var finder = EndFinder.Start();
        var at = 0;
        foreach (var cut in cuts.Order().Append(octets.Length))
        {
            var taken = finder.Scan(octets.AsSpan(at, cut - at), out var ended);
            if (ended)
            {
                return at + taken;
            }

            at = cut;
        }

        return -1;
    }

    private sealed class Anomalies : IDialogueObserver
    {
        public List<Anomaly> Seen { get; } = [];

        void IDialogueObserver.Anomalous(Anomaly anomaly, Leg leg, long octet) => Seen.Add(anomaly);
    }
}
