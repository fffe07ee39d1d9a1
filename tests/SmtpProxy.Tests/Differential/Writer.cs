using System.Globalization;

namespace SmtpProxy.Tests.Differential;

/// <summary>Writes random dialogues: the commands in a sensible order, the replies any that a relay could
/// give, odd ones among them.</summary>
internal sealed class Writer
{
    private static readonly string[] Extensions = ["8BITMIME", "SIZE 10485760", "SIZE", "DSN", "SMTPUTF8", "ENHANCEDSTATUSCODES", "VRFY",
        "HELP", "AUTH PLAIN LOGIN", "LIMITS RCPTMAX=100", "X-OWN a b"];
    private const string ChunkOctets = "ab.\r\n\0QUIT\r\n.\r\n";
    private static readonly int[] Refusals = [450, 451, 452, 550, 552, 554];
    private readonly Random _random;
    private readonly double _odd;
    private readonly double _refuse;
    private readonly double _pipe;
    private readonly double _split;
    private readonly bool _wantsLmtp;
    private bool _offersPipelining;
    private bool _offersPrdr;
    private bool _offersAuth;
    private bool _hasTried;
    private int _number;

    private Writer(Random random)
    {
        _random = random;
        _odd = Pick(0, 0, 0.03, 0.1);
        _refuse = Pick(0.02, 0.1, 0.3);
        _pipe = Pick(0, 0.5, 0.9);
        _split = Pick(0, 0, 0.3);
        _wantsLmtp = random.Next(8) == 0;
    }

    /// <summary>A whole dialogue, in blocks that can be left out: the first has greeting and EHLO.</summary>
    public static IReadOnlyList<IReadOnlyList<Turn>> Write(Random random)
    {
        var writer = new Writer(random);
        if (random.Next(25) == 0)
        {
            return [[writer.Word(random.Next(2) == 0 ? 554 : 421)]];
        }

        var blocks = new List<IReadOnlyList<Turn>>
            { new List<Turn> { writer.Word(220), writer.Hello(isHelo: !writer._wantsLmtp && random.Next(12) == 0) } };
        for (var n = random.Next(5); n > 0; n--)
        {
            blocks.Add(random.Next(8) switch
            {
                0 => [writer.Plain()],
                1 when writer._offersAuth => [writer.Auth()],
                2 => [writer.Command(TurnKind.Reset, "RSET", "RSET", 250)],
                3 => [writer.Hello(isHelo: false)],
                _ => writer.Mail(),
            });
        }

        if (random.Next(12) == 0)
        {
            blocks.Add([writer.Word(421)]);
        }
        else
        {
            blocks.Add([writer.Command(TurnKind.Quit, "QUIT", "QUIT", 221, waits: writer.Waits())]);
        }

        return blocks;
    }

    private double Pick(params ReadOnlySpan<double> of) => of[_random.Next(of.Length)];

    private bool Waits() => !(_offersPipelining || _random.Next(20) == 0) || _random.NextDouble() >= _pipe;

    private Answer Reply(int code) => Answer.Random(_random, code, _odd);

    private int Judged(int code) => _random.NextDouble() < _refuse ? Refusals[_random.Next(Refusals.Length)] : code;

    private Turn Word(int code) => new(TurnKind.Relay, "", "") { Answers = [Reply(code)] };

    private Turn Command(TurnKind kind, string verb, string text, int code, bool waits = true)
    {
        var anomalies = new List<string>();
        var end = "\r\n";
        if (_random.NextDouble() < _odd)
        {
            anomalies.Add("bare-lf-command");
            end = "\n";
        }
        else if (_random.NextDouble() < _odd)
        {
            end = _random.Next(2) == 0 ? " \r\n" : "\t\r\n";
        }

        return new Turn(kind, verb, (_random.Next(6) == 0 ? text[..verb.Length].ToLowerInvariant() + text[verb.Length..] : text) + end)
        {
            Answers = [Reply(code)],
            Anomalies = anomalies,
            Waits = waits,
            Lag = _random.Next(4),
            CutLine = _random.NextDouble() < _split ? _random.NextDouble() : 0,
            CutReply = _random.NextDouble() < _split ? _random.NextDouble() : 0,
        };
    }

    private Turn Hello(bool isHelo)
    {
        var verb = isHelo ? "HELO" : _wantsLmtp ? "LHLO" : "EHLO";
        if (isHelo)
        {
            (_offersPipelining, _offersPrdr, _offersAuth) = (false, false, false);
            return Command(TurnKind.Hello, verb, "HELO client.test", 250);
        }

        var offers = Extensions.Where(_ => _random.Next(3) == 0).ToList();
        _offersPipelining = _random.NextDouble() < 0.8;
        _offersPrdr = !_wantsLmtp && _random.Next(3) == 0;
        _offersAuth = offers.Contains("AUTH PLAIN LOGIN");
        if (_offersPipelining)
        {
            offers.Insert(_random.Next(offers.Count + 1), "PIPELINING");
        }

        if (_offersPrdr)
        {
            offers.Insert(_random.Next(offers.Count + 1), "PRDR");
        }

        offers.Insert(_random.Next(offers.Count + 1), "CHUNKING");
        return Command(TurnKind.Hello, verb, verb + " client.test", 250) with { Offers = offers, Answers = [Answer.Offering(offers)] };
    }

    private Turn Plain()
    {
        var text = new[] { "NOOP", "VRFY somebody", "HELP", "XOWN a b", "NOOP "
            + new string('n', _random.Next(490, 520)) }[_random.Next(_hasTried ? 3 : 5)];
        var turn = Command(TurnKind.Plain, text.Split(' ')[0], text, _random.Next(5) == 0 ? 502 : 250, Waits());
        return turn.Line.Length > 512 ? turn with { Anomalies = [.. turn.Anomalies, "command-line-too-long"] } : turn;
    }

    private Turn Auth()
    {
        // From here on unknown words may be secrets, and are shown as such until a known command comes.
        _hasTried = true;
        var last = Reply(_random.Next(3) == 0 ? 535 : 235);
        if (_random.Next(2) == 0)
        {
            return Command(TurnKind.Auth, "AUTH", "AUTH PLAIN AGEAYg==", 235) with { Argument = "PLAIN", Answers = [last] };
        }

        return Command(TurnKind.Auth, "AUTH", "AUTH login", 235) with
        {
            Argument = "LOGIN",
            Answers = [new Answer(334, null, 1, "334 VXNlcm5hbWU6\r\n", []), new Answer(334, null, 1, "334 UGFzc3dvcmQ6\r\n", []), last],
            Responses = ["YQ==\r\n", "QUIT\r\n"],
        };
    }

    private List<Turn> Mail()
    {
        var turns = new List<Turn>();
        var withPrdr = _offersPrdr && _random.Next(2) == 0;
        List<string> parameters = _random.Next(3) == 0
            ? [string.Create(CultureInfo.InvariantCulture, $"SIZE={_random.Next(100_000)}")] : [];
        if (withPrdr)
        {
            parameters.Add("PRDR");
        }

        var from = _random.Next(8) == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"from{_number++}@a.test");
        var granted = Judged(250);
        turns.Add(Command(TurnKind.Mail, "MAIL", $"MAIL FROM:<{from}>{string.Concat(parameters.Select(static p => " " + p))}", granted,
            Waits()) with { Argument = from, Parameters = parameters });
        var accepted = 0;
        var isOpen = granted == 250;
        for (var n = _random.Next(1, 5); n > 0; n--)
        {
            var to = string.Create(CultureInfo.InvariantCulture, $"to{_number++}@b.test");
            var code = isOpen ? Judged(250) : 503;
            accepted += code == 250 ? 1 : 0;
            turns.Add(Command(TurnKind.Rcpt, "RCPT", $"RCPT TO:<{to}>", code, Waits()) with { Argument = to });
        }

        var can = isOpen && accepted > 0;
        if (!can || _random.Next(3) > 0)
        {
            var code = can ? Judged(354) : 503;
            var data = Command(TurnKind.Data, "DATA", "DATA", code, Waits());
            turns.Add(code == 354 ? WithBody(data, accepted, withPrdr) : data);
        }
        else
        {
            Chunks(turns, accepted);
        }

        if (turns[^1].Finals.Count == 0 && isOpen)
        {
            turns.Add(Command(TurnKind.Reset, "RSET", "RSET", 250));
        }

        return turns;
    }

    private Turn WithBody(Turn data, int accepted, bool withPrdr)
    {
        var (body, dots, anomalies) = MessageText.Random(_random, _odd);
        return data with
        {
            Payload = body + ".\r\n",
            WireOctets = body.Length,
            MessageOctets = body.Length - dots,
            Anomalies = [.. anomalies, .. data.Anomalies],
            DataLineAnomalies = data.Anomalies,
            Finals = withPrdr && _random.Next(4) > 0
                ? [Reply(353), .. Enumerable.Range(0, accepted + 1).Select(_ => Reply(Judged(250)))]
                : [.. Enumerable.Range(0, _wantsLmtp ? accepted : 1).Select(_ => Reply(Judged(250)))],
        };
    }

    private void Chunks(List<Turn> turns, int accepted)
    {
        var count = _random.Next(1, 4);
        for (var n = 1; n <= count; n++)
        {
            var octets = new string([.. Enumerable.Range(0, _random.Next(4) == 0 ? 0 : _random.Next(1, 300))
                .Select(_ => ChunkOctets[_random.Next(ChunkOctets.Length)])]);
            var isLast = n == count;
            var line = string.Create(CultureInfo.InvariantCulture, $"BDAT {octets.Length}{(isLast ? " LAST" : "")}");
            var chunk = Command(TurnKind.Bdat, "BDAT", line, 250, n == 1 || Waits()) with { Payload = octets, IsLast = isLast };
            if (isLast)
            {
                chunk = chunk with
                    { Answers = [], Finals = [.. Enumerable.Range(0, _wantsLmtp ? accepted : 1).Select(_ => Reply(Judged(250)))] };
            }
            else if (_random.NextDouble() < _refuse)
            {
                // A client that sees it withdraws.
                turns.Add(chunk with { Answers = [Reply(Refusals[_random.Next(Refusals.Length)])] });
                return;
            }

            turns.Add(chunk);
        }
    }
}
