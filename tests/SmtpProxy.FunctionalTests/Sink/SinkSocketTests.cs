using System.Text;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Transport;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Sink;

public sealed class SinkSocketTests
{
    private const string Dialogue =
        "EHLO c\r\nAUTH PLAIN\r\nAGEAYg==\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<550@example.org>\r\n" +
            "DATA\r\n.x\r\n\r\n.\r\n"
        + "MAIL FROM:<>\r\nRCPT TO:<delay-10ms@example.org>\r\nBDAT 6\r\nQUIT\r\nBDAT 0 LAST\r\nRSET\r\nQUIT\r\n";

    private static readonly string[] _replies =
        ["220", "250", "334", "235", "250", "250", "550", "354", "250", "250", "250", "250", "250", "250", "221"];

    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Smtp_AllInOneWrite_EveryCommandIsAnswered(string transport)
    {
        await using var sink = await SinkRig.Start(transport);
        Assert.Equal(_replies, await SinkRig.Dialogue(await sink.ConnectSmtp(), Dialogue));
        Assert.Equal(["BDAT", "DATA"], sink.Mailbox.Messages().Select(message => message.Via));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Smtp_CutAtEveryOctet_IsAnsweredTheSame(string transport)
    {
        await using var sink = await SinkRig.Start(transport);
        for (var at = 1; at < Dialogue.Length; at++)
        {
            var client = await sink.ConnectSmtp();
            await client.Says(Dialogue[..at]);
            Assert.Equal(_replies, await SinkRig.Dialogue(client, Dialogue[at..]));
            client.Dispose();
        }

        Assert.Equal((Dialogue.Length - 1) * 2, sink.Mailbox.MessageCount);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Smtp_OctetByOctet_IsAnsweredTheSame(string transport)
    {
        await using var sink = await SinkRig.Start(transport);
        var client = await sink.ConnectSmtp();
        foreach (var octet in Dialogue)
        {
            await client.Says(octet.ToString());
        }

        Assert.Equal(_replies, await SinkRig.Dialogue(client, ""));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Lmtp_EachRecipient_HasAReplyOfItsOwn(string transport)
    {
        await using var sink = await SinkRig.Start(transport);
        var codes = await SinkRig.Dialogue(
            await sink.ConnectLmtp(),
            "LHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<452-dot@x>\r\nRCPT TO:<delay-20ms-dot@x>\r\nDATA\r\nhi\r\n.\r\n" +
                "QUIT\r\n");
        Assert.Equal(["220", "250", "250", "250", "250", "250", "354", "250", "452", "250", "221"], codes);
        Assert.Equal(["b@x", "delay-20ms-dot@x"], Assert.Single(sink.Mailbox.Messages()).Recipients);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Lmtp_NotConfigured_OnlySmtpListens(string transport)
    {
        await using var sink = await SinkRig.Start(transport, ("LmtpAddress", null!));
        Assert.Null(sink.Service.LmtpAddress);
        Assert.Equal(["220", "221"], await SinkRig.Dialogue(await sink.ConnectSmtp(), "QUIT\r\n"));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Delay_WhileOthersTalk_HoldsUpItsOwnSessionOnly(string transport)
    {
        await using var sink = await SinkRig.Start(transport);
        var slow = await sink.ConnectSmtp();
        await slow.Says("EHLO c\r\nMAIL FROM:<delay-60m@x>\r\nNOOP\r\n");
        Assert.Equal(_replies, await SinkRig.Dialogue(await sink.ConnectSmtp(), Dialogue));
        // The client may see the end before the sink has counted it.
        await Eventually.Async(() => sink.Service.SessionCount == 1, "the slow session is not the only one left");
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Ends_AskedFor_AreRealOnes(string transport)
    {
        await using var sink = await SinkRig.Start(transport);
        foreach (var (wish, code, how) in ((string, string?, EndKind)[])[("drop", null, EndKind.Fin), ("reset", null, EndKind.Reset),
            ("421", "421", EndKind.Fin)])
        {
            var client = await sink.ConnectSmtp();
            await client.Says($"EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<delay-50ms+{wish}@x>\r\n");
            var (octets, end) = await client.ReadToEnd();
            // A reset may overtake what was sent before it.
            Assert.True(how == EndKind.Reset
                || SinkRig.Codes(Encoding.ASCII.GetString(octets)).Skip(3).SequenceEqual(code is null ? [] : [code]));
            Assert.Equal(how, end);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Stop_SessionsAreOpen_SayGoodbyeToEach(string transport)
    {
        await using var sink = await SinkRig.Start(transport);
        var idle = await sink.ConnectSmtp();
        var busy = await sink.ConnectSmtp();
        await busy.Says("EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nhalf");
        await busy.Read("220 sink.localhost ESMTP SmtpProxy sink, accepts and discards mail\r\n".Length);
        await idle.Read("220 sink.localhost ESMTP SmtpProxy sink, accepts and discards mail\r\n".Length);
        using var patience = new CancellationTokenSource(Rig.Patience);
        var stop = sink.Service.StopAsync(patience.Token);
        foreach (var client in (Peer[])[idle, busy])
        {
            var (octets, end) = await client.ReadToEnd();
            Assert.EndsWith("421 4.3.2 The sink is stopping, closing the connection\r\n", Encoding.ASCII.GetString(octets),
                StringComparison.Ordinal);
            Assert.Equal(EndKind.Fin, end);
            client.Dispose();
        }

        await stop;
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Data_TenMegabytes_AreCountedToTheOctet(string transport)
    {
        await using var sink = await SinkRig.Start(transport);
        var line = "." + new string('x', 97) + "\r\n";
        var body = string.Concat(Enumerable.Repeat(line, 100_000));
        var client = await sink.ConnectSmtp();
        Assert.Equal(
            ["220", "250", "250", "250", "354", "250", "221"],
            await SinkRig.Dialogue(client, "EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n" + body + ".\r\nQUIT\r\n"));
        Assert.Equal(body.Length - 100_000, sink.Mailbox.OctetCount);
    }
}
