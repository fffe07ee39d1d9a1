using System.Net;
using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Preamble;

namespace SmtpProxy.Tests.Upstreams.Preamble;

/// <summary>Each step of the preamble with each thing that can happen there, cut at every octet.</summary>
public sealed class RelayPreambleTests
{
    private const string Greeting = "220-mx\r\n220 ready\r\n";
    private const string Offers = "250-mx\r\n250-STARTTLS\r\n250 XCLIENT ADDR PORT NAME\r\n";
    private const string Nothing = "250-mx\r\n250 SIZE\r\n";
    private const string Shakes = "!";
    private const string FailsToShake = "?";
    private const string Closes = ".";
    private const string Silence = "…";

    /// <summary>A plan (T: TLS required, t: wanted, X: introduces, o: asks what is offered, l: LMTP), what the relay does, step by step,
    /// and what comes of it.</summary>
    public static TheoryData<string, string[], string> Table() => new()
    {
        // The greeting.
        { "T", [Greeting], "Say EHLO proxy.example" },
        { "X", [Greeting], "Say EHLO proxy.example" },
        { "t", [Greeting], "Say EHLO proxy.example" },
        { "T", ["250 mx\r\n"], "GreetingFailed: the relay greets with 250" },
        { "X", ["354 mx\r\n"], "GreetingFailed: the relay greets with 354" },
        { "T", ["hello\r\n220 mx\r\n"], "GreetingFailed: the relay's greeting is not one reply" },
        { "T", ["554 no\r\n"], "Refuse 554 no" },
        { "X", ["421-busy\r\n421 later\r\n"], "Refuse 421-busy" },
        { "T", [Closes], "GreetingFailed: the relay closed the connection before its greeting" },
        { "X", [Silence], "GreetingFailed: the relay sent no greeting in time" },
        { "t", [Silence], "GreetingFailed: the relay sent no greeting in time" },
        { "t", ["554 no\r\n"], "HandOver 554 no" },
        { "t", ["250 mx\r\n"], "HandOver 250 mx" },
        { "t", ["hello\r\n"], "HandOver hello" },
        { "t", [Closes], "HandOver " },

        // EHLO.
        { "T", [Greeting, Offers], "Say STARTTLS" },
        { "tX", [Greeting, Offers], "Say STARTTLS" },
        { "X", [Greeting, Offers], "Say XCLIENT ADDR=192.0.2.7 PORT=40112 NAME=[UNAVAILABLE]" },
        { "T", [Greeting, Nothing], "TlsFailed: the relay does not offer STARTTLS" },
        { "T", [Greeting, "250\r\n"], "TlsFailed: the relay does not offer STARTTLS" },
        { "T", [Greeting, "502 no\r\n"], "TlsFailed: the relay answers EHLO with 502" },
        { "X", [Greeting, Nothing], "IntroductionFailed: the relay does not offer XCLIENT to this proxy" },
        { "X", [Greeting, "250-mx\r\n250 XCLIENT NAME\r\n"], "IntroductionFailed: the relay's XCLIENT takes no ADDR" },
        { "X", [Greeting, "502 no\r\n"], "IntroductionFailed: the relay answers EHLO with 502" },
        { "X", [Greeting, "220 again\r\n"], "IntroductionFailed: the relay answers EHLO with 220" },
        { "t", [Greeting, Nothing], "GoOn 220-mx, identified" },
        { "t", [Greeting, "502 no\r\n"], "GoOn 220-mx" },
        { "t", [Greeting, "421 bye\r\n"], "TlsFailed: the relay answers EHLO with 421" },
        { "tX", [Greeting, "502 no\r\n"], "IntroductionFailed: the relay answers EHLO with 502" },
        { "tX", [Greeting, "250-mx\r\n250 XCLIENT ADDR\r\n"], "Say XCLIENT ADDR=192.0.2.7" },
        { "T", [Greeting, "mumble\r\n"], "TlsFailed: the relay says what nobody asked for" },
        { "t", [Greeting, "mumble\r\n"], "TlsFailed: the relay says what nobody asked for" },
        { "X", [Greeting, "mumble\r\n"], "IntroductionFailed: the relay says what nobody asked for" },
        { "T", [Greeting, Closes], "TlsFailed: the relay closed the connection before TLS was established" },
        { "X", [Greeting, Closes], "IntroductionFailed: the relay closed the connection instead of answering EHLO" },
        { "T", [Greeting, Silence], "TlsFailed: the relay did not answer EHLO in time" },
        { "X", [Greeting, Silence], "IntroductionFailed: the relay did not answer EHLO in time" },

        // STARTTLS.
        { "T", [Greeting, Offers, "220 go\r\n"], "Shake " },
        { "T", [Greeting, Offers, "454 no\r\n"], "TlsFailed: the relay answers STARTTLS with 454" },
        { "T", [Greeting, Offers, "250 ok\r\n"], "TlsFailed: the relay answers STARTTLS with 250" },
        { "t", [Greeting, Offers, "454 no\r\n"], "GoOn 220-mx, identified" },
        { "t", [Greeting, Offers, "421 too many\r\n"], "TlsFailed: the relay answers STARTTLS with 421" },
        { "tX", [Greeting, Offers, "454 no\r\n"], "Say XCLIENT ADDR=192.0.2.7 PORT=40112 NAME=[UNAVAILABLE]" },
        { "t", [Greeting, Offers, "mumble\r\n"], "TlsFailed: the relay says something in the clear after its answer to STARTTLS" },
        { "T", [Greeting, Offers, Closes], "TlsFailed: the relay closed the connection before TLS was established" },
        { "T", [Greeting, Offers, Silence], "TlsFailed: the relay did not answer STARTTLS in time" },

        // The handshake, and EHLO inside.
        { "T", [Greeting, Offers, "220 go\r\n", Shakes], "GoOn 220-mx" },
        { "T", [Greeting, Offers, "220 go\r\n", FailsToShake], "TlsFailed: the handshake failed" },
        { "t", [Greeting, Offers, "220 go\r\n", FailsToShake], "TlsFailed: the handshake failed" },
        { "T", [Greeting, Offers, "220 go\r\n", Closes], "TlsFailed: the relay closed the connection before TLS was established" },
        { "TX", [Greeting, Offers, "220 go\r\n", Shakes], "Say EHLO proxy.example" },
        { "TX", [Greeting, Offers, "220 go\r\n", Shakes, Offers], "Say XCLIENT ADDR=192.0.2.7 PORT=40112 NAME=[UNAVAILABLE]" },
        { "TX", [Greeting, Offers, "220 go\r\n", Shakes, Nothing], "IntroductionFailed: the relay does not offer XCLIENT to this proxy" },
        { "TX", [Greeting, Offers, "220 go\r\n", Shakes, "502 no\r\n"], "IntroductionFailed: the relay answers EHLO with 502" },
        { "TX", [Greeting, Offers, "220 go\r\n", Shakes, Closes],
            "IntroductionFailed: the relay closed the connection instead of answering EHLO" },
        { "TX", [Greeting, Offers, "220 go\r\n", Shakes, Silence], "IntroductionFailed: the relay did not answer EHLO in time" },
        { "TX", [Greeting, Offers, "220 go\r\n", Shakes, Offers, "220 new\r\n"], "GoOn 220 new" },

        // What is offered, for its own sake.
        { "o", [Greeting], "Say EHLO proxy.example" },
        { "o", [Greeting, Offers], "GoOn 220-mx, identified" },
        { "o", ["554 no\r\n"], "Refuse 554 no" },
        { "o", ["hello\r\n"], "GreetingFailed: the relay's greeting is not one reply" },
        { "o", [Greeting, "502 5.5.1 no\r\n"], "IntroductionFailed: the relay answers EHLO with 502" },
        { "ot", [Greeting, "502 5.5.1 no\r\n"], "IntroductionFailed: the relay answers EHLO with 502" },
        { "ot", [Greeting, Nothing], "GoOn 220-mx, identified" },
        { "oT", [Greeting, Nothing], "TlsFailed: the relay does not offer STARTTLS" },
        { "oT", [Greeting, Offers, "220 go\r\n", Shakes], "Say EHLO proxy.example" },
        { "oT", [Greeting, Offers, "220 go\r\n", Shakes, Nothing], "GoOn 220-mx, identified" },
        { "oT", [Greeting, Offers, "220 go\r\n", Silence], "TlsFailed: the TLS handshake with the relay did not end in time" },

        // LMTP.
        { "lo", [Greeting], "Say LHLO proxy.example" },
        { "lT", [Greeting, Closes], "TlsFailed: the relay closed the connection before TLS was established" },
        { "lX", [Greeting, "502 no\r\n"], "IntroductionFailed: the relay answers LHLO with 502" },
        { "lX", [Greeting, Silence], "IntroductionFailed: the relay did not answer LHLO in time" },
        { "lX", [Greeting, Offers], "Say XCLIENT ADDR=192.0.2.7 PORT=40112 NAME=[UNAVAILABLE]" },
        { "lX", [Greeting, Offers, "220 new\r\n"], "GoOn 220 new" },
        { "lTX", [Greeting, Offers, "220 go\r\n", Shakes], "Say LHLO proxy.example" },

        // XCLIENT.
        { "X", [Greeting, Offers, "220 new\r\n"], "GoOn 220 new" },
        { "X", [Greeting, Offers, "250 ok\r\n"], "IntroductionRefused: the relay answers XCLIENT with 250" },
        { "X", [Greeting, Offers, "501 5.5.4 Bad ADDR syntax\r\n"], "IntroductionRefused: the relay answers XCLIENT with 501" },
        { "X", [Greeting, Offers, "502 what\r\n"], "IntroductionRefused: the relay answers XCLIENT with 502" },
        { "X", [Greeting, Offers, "503 no\r\n"], "IntroductionRefused: the relay answers XCLIENT with 503" },
        { "X", [Greeting, Offers, "550 5.7.0 insufficient authorization\r\n"], "IntroductionRefused: the relay answers XCLIENT with 550" },
        { "X", [Greeting, Offers, "421 bye\r\n"], "IntroductionRefused: the relay answers XCLIENT with 421" },
        { "X", [Greeting, Offers, "554 5.7.1 Client host rejected\r\n"], "Refuse 554 5.7.1 Client host rejected" },
        { "X", [Greeting, Offers, "450 4.7.1 Client host rejected\r\n"], "Refuse 450 4.7.1 Client host rejected" },
        { "X", [Greeting, Offers, "mumble\r\n"], "IntroductionFailed: the relay says what nobody asked for" },
        { "X", [Greeting, Offers, Closes], "IntroductionFailed: the relay closed the connection instead of answering XCLIENT" },
        { "X", [Greeting, Offers, Silence], "IntroductionFailed: the relay did not answer XCLIENT in time" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Step_WithAnythingThatMayHappen_DoesThis_HoweverItIsCut(string plan, string[] relay, string expected)
    {
        ArgumentNullException.ThrowIfNull(relay);
        Assert.Equal(expected, Run(plan, relay, int.MaxValue, out _));
        for (var size = 1; size < 30; size++)
        {
            Assert.Equal(expected, Run(plan, relay, size, out _));
        }
    }

    /// <summary>Lines 0yz answer nothing (PROTOCOL 10.9), wherever they stand and however they are cut.</summary>
    [Theory]
    [InlineData("T", new[] { Greeting }, "Say EHLO proxy.example")]
    [InlineData("X", new[] { Greeting }, "Say EHLO proxy.example")]
    [InlineData("T", new[] { "554 no\r\n" }, "Refuse 554 no")]
    [InlineData("t", new[] { "554 no\r\n" }, "HandOver 554 no")]
    [InlineData("T", new[] { "250 mx\r\n" }, "GreetingFailed: the relay greets with 250")]
    [InlineData("T", new[] { Greeting, Offers }, "Say STARTTLS")]
    [InlineData("t", new[] { Greeting, Nothing }, "GoOn 220-mx, identified")]
    [InlineData("X", new[] { Greeting, Offers }, "Say XCLIENT ADDR=192.0.2.7 PORT=40112 NAME=[UNAVAILABLE]")]
    [InlineData("X", new[] { Greeting, Offers, "220 new\r\n" }, "GoOn 220 new")]
    [InlineData("X", new[] { Greeting, Offers, "550 no\r\n" }, "IntroductionRefused: the relay answers XCLIENT with 550")]
    [InlineData("T", new[] { Greeting, Offers, "220 go\r\n" }, "Shake ")]
    public void Lines_ThatOnlyInform_AnswerNothing(string plan, string[] relay, string expected)
    {
        ArgumentNullException.ThrowIfNull(relay);
        // Before a reply, and inside it where it has several lines.
        string[] told = [.. relay.Select(static said => "050 connecting\r\n050-still\r\n"
            + said.Replace("\r\n2", "\r\n050 wait\r\n2", StringComparison.Ordinal))];
        for (var size = 1; size < 100; size++)
        {
            var run = Run(plan, told, size, out var last);
            // What the relay said goes on as it said it.
            Assert.Equal(last.Kind is MoveKind.GoOn or MoveKind.HandOver or MoveKind.Refuse,
                run.Contains(" 050 connecting", StringComparison.Ordinal));
            Assert.Equal(expected, run.Replace("050 connecting", expected.Split(' ', 2)[1].Split(',')[0], StringComparison.Ordinal));
        }

        // After it, in the same read, and cut there.
        for (var n = 0; n < relay.Length; n++)
        {
            string[] more = [.. relay[..n], relay[n] + "050 done\r\n05",
                .. relay[(n + 1)..].Take(1).Select(static said => "0 more\r\n" + said), .. relay[(n + 1)..].Skip(1)];
            var injected = expected == "Shake " && n == relay.Length - 1;
            Assert.Equal(injected ? "TlsFailed: the relay says something in the clear after its answer to STARTTLS" : expected,
                Run(plan, more, int.MaxValue, out _).Replace(" 050 done", " " + expected.Split(' ', 2)[1], StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("T", new[] { Greeting }, "GreetingFailed")]
    [InlineData("X", new[] { Greeting }, "GreetingFailed")]
    [InlineData("t", new[] { Greeting }, "Connected")]
    [InlineData("T", new[] { "554 no\r\n" }, "GreetingFailed")]
    [InlineData("T", new[] { Greeting, Offers }, "TlsFailed")]
    [InlineData("t", new[] { Greeting, Nothing }, "TlsFailed")]
    [InlineData("X", new[] { Greeting, Offers }, "IntroductionFailed")]
    [InlineData("T", new[] { Greeting, Offers, "220 go\r\n" }, "TlsFailed")]
    [InlineData("t", new[] { Greeting, Offers, "454 no\r\n" }, "TlsFailed")]
    [InlineData("X", new[] { Greeting, Offers, "220 new\r\n" }, "IntroductionFailed")]
    [InlineData("X", new[] { Greeting, Offers, "554 no\r\n" }, "IntroductionFailed")]
    public void Reply_WithMoreInTheSameRead_IsTheRelaysFailure_UnlessNothingWasSaidYet(string plan, string[] relay, string expected)
    {
        ArgumentNullException.ThrowIfNull(relay);
        foreach (var more in new[] { "250 x\r\n", "x", "\n", relay[^1] })
        {
            string[] all = [.. relay[..^1], relay[^1] + more];
            Run(plan, all, int.MaxValue, out var last);
            Assert.Equal(expected, last.Outcome.ToString());
            if (expected == "Connected")
            {
                Assert.Equal((MoveKind.HandOver, all[^1]), (last.Kind, Encoding.ASCII.GetString(last.Octets)));
            }
        }
    }

    [Theory]
    [InlineData("T", 0, "GreetingFailed")]
    [InlineData("X", 0, "GreetingFailed")]
    [InlineData("t", 0, "Connected")]
    [InlineData("T", 1, "TlsFailed")]
    [InlineData("X", 1, "IntroductionFailed")]
    [InlineData("T", 2, "TlsFailed")]
    [InlineData("X", 2, "IntroductionFailed")]
    public void Reply_WithoutEnd_IsGivenUp(string plan, int step, string expected)
    {
        string[] before = [.. new[] { Greeting, Offers }.Take(step)];
        var line = step == 1 ? "250-KEYWORD\r\n" : "220-mx\r\n";
        Run(plan, [.. before, string.Concat(Enumerable.Repeat(line, 3000))], 1000, out var last);
        Assert.Equal(expected, last.Outcome.ToString());
        Run(plan, [.. before, new string('2', 20_000)], 1000, out last);
        Assert.Equal(expected, last.Outcome.ToString());
    }

    [Fact]
    public void Client_WithoutAnAddress_IsIntroducedToNobody()
    {
        var preamble = new RelayPreamble(new PreamblePlan("proxy.example")
            { Introduces = true, Client = new System.Net.Sockets.UnixDomainSocketEndPoint("/x") });
        var move = preamble.Heard(Encoding.ASCII.GetBytes(Greeting));
        Assert.Equal((MoveKind.Fail, DialOutcome.IntroductionRefused), (move.Kind, move.Outcome));
    }

    private static string Run(string plan, string[] relay, int size, out PreambleMove last)
    {
        var preamble = new RelayPreamble(new PreamblePlan("proxy.example")
        {
            IsLmtp = plan.Contains('l', StringComparison.Ordinal),
            AsksOffer = plan.Contains('o', StringComparison.Ordinal),
            WantsTls = plan.Contains('T', StringComparison.OrdinalIgnoreCase),
            NeedsTls = plan.Contains('T', StringComparison.Ordinal),
            Introduces = plan.Contains('X', StringComparison.Ordinal),
            Client = IPEndPoint.Parse("192.0.2.7:40112"),
            Local = IPEndPoint.Parse("192.0.2.1:25"),
        });
        last = PreambleMove.Wait;
        foreach (var what in relay)
        {
            Assert.NotEqual(PreambleStep.Over, preamble.Awaited);
            last = what switch
            {
                Shakes or FailsToShake => preamble.Secured(what == Shakes),
                Closes => preamble.Ended(),
                Silence => preamble.TimedOut(),
                _ => Hear(preamble, Encoding.ASCII.GetBytes(what), size),
            };
        }

        var octets = Encoding.ASCII.GetString(last.Octets).Split('\r')[0];
        return last.Kind == MoveKind.Fail
            ? $"{last.Outcome}: {last.Why}"
            : $"{last.Kind} {octets}{(last.Kind == MoveKind.GoOn && preamble.Identified is not null ? ", identified" : "")}";
    }

    private static PreambleMove Hear(RelayPreamble preamble, byte[] octets, int size)
    {
        var move = PreambleMove.Wait;
        for (var from = 0; from < octets.Length && move.Kind == MoveKind.Wait; from += size)
        {
            move = preamble.Heard(octets.AsSpan(from, Math.Min(size, octets.Length - from)));
        }

        return move;
    }
}
