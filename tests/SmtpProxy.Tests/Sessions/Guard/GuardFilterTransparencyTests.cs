using System.Text.Json;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>Where nothing that is guarded is said, a session is the same with the guard and without it, for a client that may speak for
/// others: what both sides hear, and what the record says of it.</summary>
public sealed class GuardFilterTransparencyTests
{
    public static TheoryData<string, string> Dialogues => new()
    {
        { "DATA\r\nRSET\r\nQUIT\r\n", "503 no\r\n250 rset\r\n221 bye\r\n" },
        { "DATA\r\n\n", "503 no\r\n500 what\r\n" },
        { "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nhi\r\n.\r\nQUIT\r\n", "250 a\r\n250 b\r\n354 go\r\n250 taken\r\n221 bye\r\n" },
        { "AUTH LOGIN\r\nYQ==\r\nYg==\r\nNOOP\r\n", "334 a\r\n334 b\r\n235 ok\r\n250 noop\r\n" },
        { "AUTH LOGIN\r\nNOOP\r\nQUIT\r\n", "504 no\r\n250 noop\r\n221 bye\r\n" },
        { "STARTTLS\r\nEHLO c\r\n", "454 no\r\n250 mx\r\n" },
        { "STARTTLS now\r\nNOOP\r\n", "501 no\r\n250 noop\r\n" },
        { "BDAT 5\r\nabcdeBDAT 0 LAST\r\nNOOP\r\n", "250 a\r\n250 b\r\n250 noop\r\n" },
        { " NOOP\r\n\tRSET\r\n", "500 what\r\n500 what\r\n" },
        { "XCLIENTS\r\nNOOP\r\n", "500 what\r\n250 noop\r\n" },
    };

    [Theory]
    [MemberData(nameof(Dialogues))]
    public void Session_WithTheGuard_IsAsItIsWithoutIt_WhereverItIsCut(string said, string replies)
    {
        var last = said[(said.TrimEnd().LastIndexOf('\n') + 1)..];
        for (var cut = 1; cut <= said.Length; cut++)
        {
            Assert.Equal(Play(said, cut, replies, last, isNamed: true), Play(said, cut, replies, last, isNamed: false));
        }
    }

    /// <summary>The relay answers when it has all.</summary>
    private static string Play(string said, int cut, string replies, string last, bool isNamed)
    {
        var bed = new SessionBed();
        if (isNamed)
        {
            Assert.Null(Networks.TryParse("192.0.2.0/24", out var named));
            bed.Host.Admit("inbound", ListenerPolicy.Open with { XClientFrom = named });
        }

        bed.Sim.Relay.Says("220 mx\r\n").Awaits(last).Says(replies).Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says(said[..cut]).Waits(TimeSpan.FromSeconds(1)).Says(said[cut..])
            .Awaits(replies[(replies.TrimEnd().LastIndexOf('\n') + 1)..]).Fin();
        bed.Sim.RunToEnd();
        Assert.Equal((said, "220 mx\r\n" + replies), (bed.Sim.Relay.Heard, bed.Sim.Client.Heard));
        var exchanges = bed.Record.GetProperty("exchanges").EnumerateArray().Select(static e =>
            $"{Of(e, "verb")} {Of(e, "code")} {Of(e, "pipelined")}");
        return $"{string.Join(", ", exchanges)}: {bed.Record.GetProperty("anomalies")} {bed.Record.GetProperty("final_state")}";
    }

    private static string Of(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetRawText() : "";
}
