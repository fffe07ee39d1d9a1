using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>Rules that look at everything and never strike: what passes, and what is recorded, is what passes and
/// is recorded without them.</summary>
public sealed partial class FaultFilterTests
{
    private const string Ehlo = "250-mx\r\n250-PIPELINING\r\n250-AUTH PLAIN\r\n250-CHUNKING\r\n250 STARTTLS\r\n";
    private static readonly string[] Scripts = ["message", "pipelined", "auth", "refused data", "chunks", "cut off", "cut off after auth",
        "reset in a body", "tls passes", "prdr", "informational", "guarded"];

    public static TheoryData<string> All => [.. Scripts];

    [Theory]
    [MemberData(nameof(All))]
    public void Rules_ThatNeverStrike_ChangeNeitherOctetsNorRecord(string script)
    {
        var plain = Played(new SessionBed(), script);
        var ruled = Played(new SessionBed(faults: Watching()), script);
        AssertSame(plain, ruled);
        Assert.Equal(RecordOf(plain), RecordOf(ruled));
        for (var seed = 0; seed < 60; seed++)
        {
            // Each run is cut, and ordered, otherwise: what is pipelined, and who ends first, may differ.
            AssertSame(plain, Played(new SessionBed(seed: seed, faults: Watching()), script));
        }
    }

    /// <summary>A reload arms rules while lines, replies and answers of the proxy are half said, or wait in the guard: the session joins
    /// them where nothing is.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Rules_ArmedAtAnyPoint_ChangeNeitherOctetsNorRecord(string script)
    {
        var plain = Played(new SessionBed(), script);
        for (var steps = 1; steps < plain.Sim.Steps; steps++)
        {
            var faults = Watching();
            faults.IsArmed = false;
            var bed = new SessionBed(faults: faults);
            Play(bed.Sim, script);
            for (var step = 0; step < steps; step++)
            {
                bed.Sim.Step();
            }

            faults.IsArmed = true;
            faults.Change();
            bed.Sim.RunToEnd();

            AssertSame(plain, bed);
            Assert.Equal(RecordOf(plain), RecordOf(bed));
        }
    }

    /// <summary>A fleet is asked about everything, and answers later: whatever waits for it goes on as it would have.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Rules_ThatAFleetIsAskedAbout_ChangeNeitherOctetsNorExchanges(string script)
    {
        var plain = Played(new SessionBed(), script);
        for (var seed = 0; seed < 60; seed++)
        {
            var faults = Watching(mayAsk: true);
            var asked = Played(new SessionBed(seed: seed, faults: faults), script);
            Assert.True(faults.Answered > 3, "nobody was asked");
            Assert.Equal(plain.Sim.Relay.Heard, asked.Sim.Relay.Heard);
            Assert.Equal(plain.Sim.Client.Heard, asked.Sim.Client.Heard);
            Assert.Equal(Exchanges(plain), Exchanges(asked));
        }
    }

    /// <summary>Whether the reply to AUTH goes on at once, later, or the fleet is asked about it first: the relay has heard the commands,
    /// and answers them.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Client_ThatEndsBeforeTheReplyToAuth_RestOfItsCommandsIsRecorded(bool isDelayed, bool mayAsk)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var faults = Watching(mayAsk);
            if (isDelayed)
            {
                faults.Behind(FaultPoint.Auth, static strike => strike.BeforeReply = TimeSpan.FromSeconds(3));
            }

            var bed = Played(new SessionBed(seed: seed, faults: faults), "cut off after auth");

            Assert.Equal(["EHLO:250", "AUTH:235", "NOOP:250", "QUIT:221"], Exchanges(bed));
            Assert.EndsWith("235 ok\r\n250 ok\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        }
    }

    private static SessionBed Played(SessionBed bed, string script)
    {
        Play(bed.Sim, script);
        bed.Sim.RunToEnd();
        return bed;
    }

    private static void AssertSame(SessionBed one, SessionBed other)
    {
        Assert.Equal(one.Sim.Relay.Heard, other.Sim.Relay.Heard);
        Assert.Equal(one.Sim.Client.Heard, other.Sim.Client.Heard);
        Assert.Equal(Exchanges(one), Exchanges(other));
    }

    private static IEnumerable<string> Exchanges(SessionBed bed) =>
        bed.Record.GetProperty("exchanges").EnumerateArray().Select(static e => $"{e.GetProperty("verb")}:{e.GetProperty("code")}");

    /// <summary>The session's line in the journal, except for what tells one session from another; of a
    /// time whether there is one.</summary>
    private static string RecordOf(SessionBed bed)
    {
        var record = JsonNode.Parse(bed.Record.GetRawText())!.AsObject();
        record.Remove("session");
        record.Remove("time");
        record.Remove("started_unix");
        return Time().Replace(record.ToJsonString(), "$1 some");
    }

    [GeneratedRegex("""("\w*ms"):[0-9.E-]+""")]
    private static partial Regex Time();

    private static FakeFaults Watching(bool mayAsk = false)
    {
        var faults = new FakeFaults { BodyOffset = 5, MayAsk = mayAsk };
        foreach (var point in Enum.GetValues<FaultPoint>())
        {
            (faults.Commands[point], faults.Replies[point]) = (static _ => null, static _ => null);
        }

        return faults;
    }

    private static void Play(Simulation.Simulation sim, string script)
    {
        var (client, relay) = (sim.Client, sim.Relay);
        if (script == "message")
        {
            Dialogues.OneMessage(sim, Dialogues.Body(2000));
            return;
        }

        client.Awaits("220").Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n");
        relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(Ehlo);
        switch (script)
        {
            case "pipelined":
                client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n").Awaits("354 go\r\n")
                    .Says("x\r\n..y\r\n.\r\nQUIT\r\n").Awaits("221 bye\r\n").Fin();
                relay.Awaits("DATA\r\n").Says("250 ok\r\n250 ok\r\n550 no\r\n354 go\r\n").Awaits("QUIT\r\n")
                    .Says("250 queued as 4F\r\n221 bye\r\n").Fin();
                break;
            case "auth":
                client.Says("AUTH LOGIN\r\n").Awaits("334 a\r\n").Says("eA==\r\n").Awaits("334 b\r\n").Says("eQ==\r\nNOOP\r\nQUIT\r\n")
                    .Awaits("221 bye\r\n").Fin();
                relay.Awaits("LOGIN\r\n").Says("334 a\r\n").Awaits("eA==\r\n").Says("334 b\r\n").Awaits("eQ==\r\n").Says("235 ok\r\n")
                    .Awaits("QUIT\r\n").Says("250 ok\r\n221 bye\r\n").Fin();
                break;
            case "refused data":
                client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nRSET\r\nQUIT\r\n").Awaits("221 bye\r\n").Fin();
                relay.Awaits("DATA\r\n").Says("250 ok\r\n550 no\r\n503 no\r\n").Awaits("QUIT\r\n").Says("250 ok\r\n221 bye\r\n").Fin();
                break;
            case "chunks":
                client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 6\r\nabc\r\n.BDAT 3 LAST\r\n\r\n.QUIT\r\n").Awaits("221 bye\r\n")
                    .Fin();
                relay.Awaits("QUIT\r\n").Says("250 ok\r\n250 ok\r\n250 ok\r\n250 queued\r\n221 bye\r\n").Fin();
                break;
            case "cut off":
                client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDA").Fin();
                relay.Awaits("RCPT TO:<c@d>\r\n").Says("250 ok\r\n250 ok\r\n").Fin();
                break;
            case "cut off after auth":
                client.Says("AUTH PLAIN AGEAYg==\r\nNOOP\r\nQUIT\r\n").Fin();
                relay.Awaits("QUIT\r\n").Says("235 ok\r\n250 ok\r\n221 bye\r\n").Fin();
                break;
            case "reset in a body":
                client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n").Awaits("354 go\r\n").Says("half a mess")
                    .Waits(TimeSpan.FromSeconds(1)).Resets();
                relay.Awaits("DATA\r\n").Says("250 ok\r\n250 ok\r\n354 go\r\n").Awaits("never");
                break;
            case "tls passes":
                client.Says("STARTTLS\r\n").Awaits("220 go\r\n").Says("\x16\x03\x01\x00\x05hello").Awaits("\x16\x03\x03").Fin();
                relay.Awaits("STARTTLS\r\n").Says("220 go\r\n").Awaits("hello").Says("\x16\x03\x03\x00\x01x").Fin();
                break;
            case "prdr":
                client.Says("MAIL FROM:<a@b> PRDR\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n").Awaits("354 go\r\n")
                    .Says("x\r\n.\r\nQUIT\r\n").Awaits("221 bye\r\n").Fin();
                relay.Awaits("DATA\r\n").Says("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n").Awaits("QUIT\r\n")
                    .Says("353 each\r\n250 one\r\n450 two\r\n250 queued as 4F\r\n221 bye\r\n").Fin();
                break;
            case "informational":
                client.Says("NOOP\r\nQUIT\r\n").Awaits("221 bye\r\n").Fin();
                relay.Awaits("QUIT\r\n").Says("050 wait\r\n000\r\n250-ok\r\n050 still\r\n250 ok\r\nno reply\r\n221 bye\r\n").Fin();
                break;
            default:
                // More answers of the proxy than one turn of the loop gives, so that lines wait while nothing is asked.
                client.Says(string.Concat(Enumerable.Repeat("XCLIENT ADDR=192.0.2.1\r\n", 40)) + "NOOP\r\nQUIT\r\n").Awaits("221 bye\r\n")
                    .Fin();
                relay.Awaits("QUIT\r\n").Says("250 ok\r\n221 bye\r\n").Fin();
                break;
        }
    }
}
