using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Guard;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>What a client sends ahead of a reply that never comes, because the relay has said its last word
/// and still listens (law 4).</summary>
public sealed class IntakeTests
{
    private const string Forged = "XCLIENT ADDR=203.0.113.1\r\n";

    /// <summary>Octets beyond which a client waits for the reply.</summary>
    private const int Bound = 16 * 1024;

    public static TheoryData<string, string> Messages => new()
    {
        { "DATA", "Subject: x\r\n\r\nWhat is said of XCLIENT and STARTTLS here passes.\r\n XCLIENTS\r\n..\r\n" },
        { "one line", new string('y', 70_000) },
        { "blanks", new string(' ', 40_000) + "\r\n" },
        { "a CR alone", "a\rb\r\r\r\n" },
        { "AUTH", "YQ==\r\n" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_LongerThanTheBound_GoesOnWhole_AfterTheRelayHasHalfClosed(string what, string lines)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var body = string.Concat(Enumerable.Repeat(lines, 1 + (6 * Bound / lines.Length)));
            var holder = what == "AUTH" ? "AUTH LOGIN\r\n" : "DATA\r\n";
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits(holder).Fin();
            bed.Sim.Client.Awaits("220").Says(holder + body).Fin();
            bed.Sim.RunToEnd();
            Assert.Equal((holder + body).Length, bed.Sim.Relay.Heard.Length);
            Assert.Equal(holder + body, bed.Sim.Relay.Heard);
            Assert.Equal(EndKind.Fin, bed.Sim.Relay.End);
        }
    }

    /// <summary>A line that is cut off, and would be STARTTLS if it ended there, goes nowhere and ends
    /// nothing. Any other goes on.</summary>
    [Theory]
    [InlineData("STARTTLS", "")]
    [InlineData("starttls ", "")]
    [InlineData("StartTls  \r", "")]
    [InlineData("STAR", "STAR")]
    [InlineData("STARTTLSX", "STARTTLSX")]
    public void StartTls_CutOffByTheEnd_IsDroppedAndTheRelayIsStillHeard(string piece, string heard)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var bed = new SessionBed(seed: seed, tls: new ListenerTls { Mode = ListenerTlsMode.None });
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("NOOP\r\n").Waits(TimeSpan.FromSeconds(5)).Says("250 noop\r\n").Fin();
            bed.Sim.Client.Awaits("220").Says("NOOP\r\n").Awaits("250 noop\r\n").Says(piece).Fin();
            bed.Sim.RunToEnd();
            Assert.Equal("NOOP\r\n" + heard, bed.Sim.Relay.Heard);
            Assert.Equal("220 mx\r\n250 noop\r\n", bed.Sim.Client.Heard);
        }
    }

    /// <summary>Where TLS ends here, STARTTLS is not for a relay that cannot answer any more, at the client's end either; nor
    /// is what comes after it.</summary>
    [Theory]
    [InlineData("STARTTLS\r\n")]
    [InlineData("STARTTLS\r\nMAIL FROM:<a@b>\r\n")]
    [InlineData("starttls")]
    [InlineData("StartTLS \n")]
    public void StartTls_AfterTheRelayHasHalfClosed_NeverPasses(string piece)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var bed = new SessionBed(seed: seed, tls: new ListenerTls { Mode = ListenerTlsMode.None });
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("DATA\r\n").Fin();
            bed.Sim.Client.Awaits("220").Says("DATA\r\nSubject: x\r\n" + piece).Fin();
            bed.Sim.RunToEnd();
            Assert.Equal("DATA\r\nSubject: x\r\n", bed.Sim.Relay.Heard);
        }
    }

    /// <summary>The same inside TLS that ends here.</summary>
    [Theory]
    [InlineData(ListenerTlsMode.Implicit)]
    [InlineData(ListenerTlsMode.StartTls)]
    public void Message_InsideTls_GoesOnWhole_AfterTheRelayHasHalfClosed(ListenerTlsMode mode)
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var said = "DATA\r\n" + string.Concat(Enumerable.Repeat("Subject: x\r\n.\r\nSTARTTLSX\r\n", 2_000));
            var bed = new SessionBed(seed: seed, tls: new ListenerTls { Mode = mode },
                relayTls: RelayTls.Default("relay.example") with { Mode = RelayTlsMode.None });
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("DATA\r\n").Fin();
            _ = mode == ListenerTlsMode.Implicit ? bed.Sim.Client.Shakes().Awaits("220 mx\r\n")
                : bed.Sim.Client.Awaits("220 mx\r\n").Says("STARTTLS\r\n").Awaits("220 2.0.0").Shakes();
            bed.Sim.Client.Says(said).Fin();
            bed.Sim.RunToEnd();
            Assert.Equal(said, bed.Sim.Relay.Heard);
        }
    }

    /// <summary>What nobody can judge does not pass, wherever it is cut and whatever stands before it; and nothing after it does.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(" \t")]
    [InlineData("y\r")]
    [InlineData("y\0 ")]
    [InlineData("BDAT 5\r\nabcde")]
    public void Word_AfterTheRelayHasHalfClosed_NeverPasses(string before)
    {
        foreach (var word in (string[])[Forged, "xforward ADDR=203.0.113.1\r\n"])
        {
            for (var seed = 0; seed < 30; seed++)
            {
                var bed = new SessionBed(seed: seed);
                var said = "DATA\r\n" + string.Concat(Enumerable.Repeat("Subject: x\r\n", 3 * Bound / 12)) + before;
                bed.Sim.Relay.Says("220 mx\r\n").Awaits("DATA\r\n").Fin();
                bed.Sim.Client.Awaits("220").Says(said + word + string.Concat(Enumerable.Repeat("MAIL FROM:<a@b>\r\n", 2 * Bound / 17)))
                    .Fin();
                bed.Sim.RunToEnd();
                Assert.StartsWith(bed.Sim.Relay.Heard, said, StringComparison.Ordinal);
                Assert.True(bed.Sim.Relay.Heard.Length >= said.Length - 5, $"{bed.Sim.Relay.Heard.Length} of {said.Length}");
                // It is read to its end all the same, and dropped.
                Assert.True(bed.Sim.Elapsed < TimeSpan.FromMinutes(1), $"{bed.Sim.Elapsed}");
            }
        }
    }

    [Fact]
    public void Gist_OfAnything_FindsTheSameInWhatComesNext()
    {
        string[] pieces = ["XCLIENT", "XCL", "IENT ", "xforward", "BDAT", "BDA", "T 5", " ", "\t", "\r", "\0", "\r\n", "\n", "y", "-",
            "STARTTLS", new string('y', 30), new string(' ', 30)];
        var random = new Random(20_261_127);
        for (var n = 0; n < 40_000; n++)
        {
            var octets = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1, 9))
                .Select(_ => pieces[random.Next(pieces.Length)])));
            const GuardedWords All = GuardedWords.StartTls | GuardedWords.XClient | GuardedWords.XForward;
            var gone = GuardedWord.Before(octets.AsSpan(0, random.Next(octets.Length + 1)), All, 0);
            var gist = GuardedWord.Gist(octets.AsSpan(0, gone));
            byte[] shorter = [.. gist, .. octets.AsSpan(gone)];
            Assert.True(
                GuardedWord.Before(octets, All, gone) - gone == GuardedWord.Before(shorter, All, gist.Length) - gist.Length,
                $"{n}: {Convert.ToHexString(octets)} after {gone}");
            // Of its line it keeps where it stands, as far as that matters.
            Assert.True(gist.Length <= Math.Max(6, Math.Min(gone, CutWatch.Shortest)), $"{gist.Length}");
        }
    }

    /// <summary>A word is looked for where some relay may cut the line, at the same octet whatever stands for its beginning.</summary>
    [Theory]
    [InlineData("y")]
    [InlineData(" ")]
    [InlineData("y\v")]
    [InlineData("y\r       ")]
    [InlineData("y                        \r")]
    public void Gist_OfALine_StandsForAsManyOctetsAsCount(string filler)
    {
        const GuardedWords All = GuardedWords.StartTls | GuardedWords.XClient | GuardedWords.XForward;
        const int Cut = CutWatch.Shortest;
        foreach (var length in (int[])[0, 1, 8, 9, 10, 11, 12, 26, Cut - 1, Cut, Cut + 1, Cut + 100])
        {
            var gone = "NOOP\r\n" + string.Concat(Enumerable.Repeat(filler, 600))[..length];
            var gist = GuardedWord.Gist(Encoding.Latin1.GetBytes(gone));
            for (var at = Math.Max(length + 1, Cut - 2); at < Cut + 3; at++)
            {
                var next = Encoding.Latin1.GetBytes(new string('z', at - length) + "XCLIENT ADDR");
                byte[] whole = [.. Encoding.Latin1.GetBytes(gone), .. next];
                byte[] shorter = [.. gist, .. next];
                var before = GuardedWord.Before(whole, All, gone.Length) - gone.Length;
                Assert.Equal(at < Cut ? next.Length : at - length, before);
                Assert.Equal(before, GuardedWord.Before(shorter, All, gist.Length) - gist.Length);
            }
        }
    }

    /// <summary>What was dropped in the clear says nothing of what is sent ahead of a reply inside.</summary>
    [Fact]
    public void Octets_SentAheadInsideTls_AreSeenToBe_WhateverWasDroppedBefore()
    {
        var bed = new SessionBed(tls: new ListenerTls { Mode = ListenerTlsMode.StartTls },
            relayTls: RelayTls.Default("relay.example") with { Mode = RelayTlsMode.None });
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("DATA\r\nhi\r\n").Says("354 go\r\n").Awaits(".\r\n").Says("250 ok\r\n")
            .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("STARTTLS\r\nMAIL FROM:<evil@b>\r\n").Awaits("220 2.0.0").Awaits("\r\n").Shakes()
            .Says("DATA\r\nhi\r\n").Awaits("354 go\r\n").Says(".\r\n").Awaits("250 ok\r\n").Says("QUIT\r\n").Awaits("221").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("DATA\r\nhi\r\n.\r\nQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.Contains("data-before-354", bed.Record.GetProperty("anomalies").GetRawText(), StringComparison.Ordinal);
    }
}
