using System.Text;
using CsCheck;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Protocol.Tests;

/// <summary>What holds for every dialogue, whatever is on the wire.</summary>
public sealed class DialoguePropertyTests
{
    private static readonly string[] OfClient =
    [
        "EHLO c\r\n", "LHLO c\r\n", "HELO c\r\n", "MAIL FROM:<a@b>\r\n", "MAIL FROM:<a@b> PRDR SMTPUTF8\r\n", "RCPT TO:<c@d>\r\n",
        "DATA\r\n", "text\r\n", ".\r\n", "..\r\n",
        "\n.\n", "\r.\r", "\r\n.\r\n", "BDAT 5\r\n", "BDAT 5 LAST\r\n", "BDAT 0 LAST\r\n", "BDAT x\r\n", "hello", "RSET\r\n", "NOOP\r\n",
        "QUIT\r\n", "STARTTLS\r\n", "\u0016\u0003\u0001", "\u0016\u0003\u0001\u0000\u0030\u0001\u0000\u0000\u002c",
        "\u0016\u0003\u0001\u0001\n", "\u0001\u0000\u0001\u0006", "\u0016\r\n",
        "AUTH LOGIN\r\n", "AUTH PLAIN AHgAeQ==\r\n", "dXNlcg==\r\n", "*\r\n", "TURN\r\n", "VRFY x\r\n", "XCLIENT NAME=x\r\n",
        "GET / HTTP/1.1\r\n", "\r\n", "\0", "\u00e9", "\r", "\n", "BURL x LAST\r\n",
    ];

    private static readonly string[] OfRelay =
    [
        "220 ready\r\n", "220-a\r\n220 b\r\n", "250 ok\r\n", "250-PIPELINING\r\n250 CHUNKING\r\n", "250 2.1.0 ok\r\n", "354 go\r\n",
        "334 Zm9v\r\n", "353 each\r\n", "221 bye\r\n",
        "421 4.3.2 later\r\n", "450 4.2.0 later\r\n", "550 5.1.1 no\r\n", "503 bad\r\n", "235 in\r\n", "250 lf only\n", "oops\r\n", "25",
        "0 cut\r\n", "250\r\n", "199 x\r\n", "\u0016\u0003\u0003", "300 x\r\n", "\0", "\r", "554 no\r\n",
    ];

    private static readonly Gen<(Leg, byte[])> Step = Gen.Select(
        Gen.Bool, OneOf(OfClient).Array[1, 4], OneOf(OfRelay).Array[1, 3],
        static (client, ofClient, ofRelay) => client
            ? (Leg.Client, Encoding.Latin1.GetBytes(string.Concat(ofClient)))
            : (Leg.Relay, Encoding.Latin1.GetBytes(string.Concat(ofRelay))));

    private static readonly Gen<(Leg, byte[])[]> Dialogues = Step.Array[1, 14]
        .Select(static steps => ((Leg, byte[])[])[.. Talk.Read(Talk.Hello), .. steps]);

    [Fact]
    public void Record_HoweverItIsCut_IsTheSame() => Gen.Select(Dialogues, Gen.Int[1, 9]).Sample(static (steps, size) =>
    {
        var whole = Talk.Play(steps, Talk.Whole);
        var expected = Talk.Summary(whole.Record, whole.Dialogue);
        Assert.Equal(expected, Played(steps, Talk.Octets, StopAt.Never));
        Assert.Equal(expected, Played(steps, (from, _) => from + size, StopAt.Never));
        Assert.Equal(expected, Played(steps, Talk.Whole, StopAt.Element));
        Assert.Equal(expected, Played(steps, (from, _) => from + size, StopAt.Element));
    }, iter: 3_000);

    [Fact]
    public void Garbage_OfBothSides_NeverThrowsAndIsCounted() =>
        Gen.Select(Gen.Bool, Gen.Byte.Array[1, 200], static (client, octets) => (client ? Leg.Client : Leg.Relay, octets)).Array[1, 10]
            .Sample(static steps =>
            {
                var (record, dialogue) = Talk.Play(steps, Talk.Whole);
                Assert.Equal(Talk.Summary(record, dialogue), Played(steps, Talk.Octets, StopAt.Never));
                Assert.NotEqual(OpaqueReason.InternalError, dialogue.Opaque);
            }, iter: 3_000);

    [Fact]
    public void Dialogues_OfAnyKind_NeverFailInside() => Dialogues.Sample(
        static steps => Assert.NotEqual(OpaqueReason.InternalError, Talk.Play(steps, Talk.Whole).Dialogue.Opaque), iter: 5_000);

    [Fact]
    public void Secrets_OfAuth_AreNeverHandedOver() =>
        Gen.Select(OneOf(["235 ok", "535 no", "504 what", "334 more"]), Gen.Int[1, 7]).Sample(static (reply, size) =>
    {
        // In the command, in responses that wait for nobody, and behind a refusal.
        var steps = Talk.Read(Talk.Hello
            + $"C:AUTH PLAIN c2VjcmV0MQ|C:c2VjcmV0Mg|C:c2VjcmV0Mw|S:{reply}|S:500 a|S:500 b|C:c2VjcmV0NA|S:500 c|");
        var (record, _) = Talk.Play(steps, (from, _) => from + size);
        Assert.DoesNotContain("c2VjcmV0", record.Handed.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("PLAIN", record.Handed.ToString(), StringComparison.Ordinal);
    }, iter: 100);

    private static Gen<string> OneOf(string[] values) => Gen.Int[0, values.Length - 1].Select(n => values[n]);

    private static string Played((Leg, byte[])[] steps, Func<int, int, int> cut, StopAt stop)
    {
        var (record, dialogue) = Talk.Play(steps, cut, stop);
        return Talk.Summary(record, dialogue);
    }
}
