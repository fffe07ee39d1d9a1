using System.Text;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Protocol.Tests;

/// <summary>A dialogue as text, and ways to cut it. Parts are separated by <c>|</c>; <c>C:</c> and <c>S:</c> are lines of client and relay
/// with CRLF, <c>C~</c> and <c>S~</c> octets as they are. Consecutive parts of one side are one payload.</summary>
internal static class Talk
{
    /// <summary>Greeting and EHLO with everything offered: the beginning of most dialogues.</summary>
    public const string Hello = "S:220 ready|C:EHLO c|S:250-x|S:250-PIPELINING|S:250-CHUNKING|S:250 SMTPUTF8|";

    /// <summary>Up to an accepted recipient.</summary>
    public const string Envelope = Hello + "C:MAIL FROM:<a@b>|S:250 ok|C:RCPT TO:<c@d>|S:250 ok|";

    public static IReadOnlyList<(Leg Leg, byte[] Octets)> Read(string text)
    {
        var steps = new List<(Leg Leg, StringBuilder Text)>();
        foreach (var part in text.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            var leg = part[0] == 'C' ? Leg.Client : Leg.Relay;
            if (steps.Count == 0 || steps[^1].Leg != leg)
            {
                steps.Add((leg, new StringBuilder()));
            }

            steps[^1].Text.Append(part[2..]).Append(part[1] == ':' ? "\r\n" : "");
        }

        return [.. steps.Select(static step => (step.Leg, Encoding.Latin1.GetBytes(step.Text.ToString())))];
    }

    /// <summary>Plays a dialogue to its end. <paramref name="cut"/> says of each payload where its next piece ends.</summary>
    public static (Recorder Record, Dialogue Dialogue) Play(
        IEnumerable<(Leg Leg, byte[] Octets)> steps, Func<int, int, int> cut, StopAt stop = StopAt.Never, DialogueLimits? limits = null)
    {
        var record = new Recorder();
        var dialogue = new Dialogue(record, limits ?? DialogueLimits.Default);
        dialogue.Start();
        var octets = new long[2];
        foreach (var (leg, payload) in steps)
        {
            octets[(int)leg] += payload.Length;
            for (var from = 0; from < payload.Length;)
            {
                var to = Math.Clamp(cut(from, payload.Length), from + 1, payload.Length);
                Feed(dialogue, leg, payload.AsSpan(from..to), stop);
                from = to;
            }
        }

        dialogue.Ended(Leg.Client);
        dialogue.Ended(Leg.Relay);
        dialogue.Finish();
        Assert.Equal(octets[0], dialogue.Octets(Leg.Client));
        Assert.Equal(octets[1], dialogue.Octets(Leg.Relay));
        return (record, dialogue);
    }

    /// <summary>What a dialogue came to, in one text.</summary>
    /// <remarks>What is found in one message stands at the position where that begins; which of it is found first depends on the
    /// cut, and means nothing.</remarks>
    public static string Summary(Recorder record, Dialogue dialogue) =>
        $"{record.Facts}\nanomalies {string.Join('\n', InOrder(record.Positions))}\n"
            + $"{dialogue.FinalState} {dialogue.Tls} {dialogue.Protocol} {dialogue.Opaque}";

    private static IEnumerable<string> InOrder(IEnumerable<string> positions) =>
        positions.OrderBy(static p => p[(p.IndexOf(' ') + 1)..], StringComparer.Ordinal).ThenBy(static p => p, StringComparer.Ordinal);

    /// <summary>Whole payloads.</summary>
    public static int Whole(int from, int length) => length;

    /// <summary>One octet at a time.</summary>
    public static int Octets(int from, int length) => from + 1;

    /// <summary>Plays it whole, octet by octet, in two pieces at every index, and element by element; all must come to the same.</summary>
    public static (Recorder Record, Dialogue Dialogue) PlayEveryWay(string text, DialogueLimits? limits = null)
    {
        var steps = Read(text);
        var whole = Play(steps, Whole, limits: limits);
        var expected = Summary(whole.Record, whole.Dialogue);
        AssertSame(expected, Play(steps, Octets, limits: limits));
        AssertSame(expected, Play(steps, Whole, StopAt.Element, limits));
        AssertSame(expected, Play(steps, Octets, StopAt.Element, limits));
        for (var at = 1; at < steps.Max(static s => s.Octets.Length); at++)
        {
            AssertSame(expected, Play(steps, (from, length) => from == 0 ? at : length, limits: limits));
        }

        return whole;
    }

    private static void AssertSame(string expected, (Recorder Record, Dialogue Dialogue) played) =>
        Assert.Equal(expected, Summary(played.Record, played.Dialogue));

    private static void Feed(Dialogue dialogue, Leg leg, ReadOnlySpan<byte> octets, StopAt stop)
    {
        while (!octets.IsEmpty)
        {
            // A line of which nothing is left to read: it ended in what may have been TLS.
            var least = leg == Leg.Client && dialogue.InsideCommand ? 0 : 1;
            var consumed = leg == Leg.Client ? dialogue.FromClient(octets, stop) : dialogue.FromRelay(octets, stop);
            Assert.InRange(consumed, least, octets.Length);
            octets = octets[consumed..];
        }
    }
}
