using System.Globalization;

namespace SmtpProxy.FunctionalTests.Accuracy;

/// <summary>One exchange as it will be: what the client says, how long the relay thinks, what it answers.</summary>
/// <param name="Operation">The operation's name in telemetry.</param>
/// <param name="Said">All that the client sends.</param>
/// <param name="Thinks">How long the relay thinks about it.</param>
/// <param name="Code">What it answers.</param>
/// <param name="ClientPause">How long the client waits before it.</param>
internal sealed record Step(string Operation, string Said, TimeSpan Thinks, int Code, TimeSpan ClientPause = default)
{
    /// <summary>The reply.</summary>
    public string Reply => Operation == "ehlo" ? $"{Code}-relay\r\n{Code} CHUNKING\r\n" : $"{Code} 2.0.0 so it is written\r\n";
}

/// <summary>What ten thousand sessions say and are answered: everything about a session follows from its number. Delays lie well inside a
/// bucket, three in a hundred of each operation in a higher one: that is where its p99 is.</summary>
internal static class Script
{
    /// <summary>Connections.</summary>
    public const int Connections = 10_000;

    /// <summary>One connection in so many is turned away by the greeting.</summary>
    public const int TurnedAway = 50;

    /// <summary>Sessions that get further.</summary>
    public const int Sessions = Connections - (Connections / TurnedAway);

    /// <summary>How long some clients think, or linger inside their message: longer than the relay ever does.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    /// <summary>The usual delay of an operation and the rare one, in milliseconds.</summary>
    private static readonly Dictionary<string, (int Usual, int Rare)> Delays = new()
    {
        ["greeting"] = (110, 1_200), ["ehlo"] = (115, 300), ["auth"] = (300, 600), ["noop"] = (110, 600), ["vrfy"] = (300, 1_200),
            ["mail"] = (110, 600),
        ["rcpt"] = (115, 300), ["data"] = (120, 1_200), ["end_of_data"] = (300, 1_200), ["bdat"] = (110, 300), ["rset"] = (110, 600),
        ["quit"] = (110, 300),
    };

    /// <summary>The operations that the relay answers.</summary>
    public static IEnumerable<string> Operations => Delays.Keys;

    /// <summary>The greeting of a connection, by its number.</summary>
    public static Step Greeting(int connection) => Of("greeting", connection, "", connection % TurnedAway == 0 ? 554 : 220);

    /// <summary>The exchanges of a session, in order.</summary>
    public static IReadOnlyList<Step> Session(int n)
    {
        List<Step> steps = [Of("ehlo", n, string.Create(CultureInfo.InvariantCulture, $"EHLO c{n}\r\n"), 250)];
        steps.AddRange((n % 10) switch
        {
            6 => [Of("auth", n, "AUTH PLAIN AGEAYg==\r\n", n % 100 == 16 ? 535 : 235)],
            8 => [Of("noop", n, "NOOP\r\n", 250)],
            9 => [Of("vrfy", n, "VRFY x\r\n", 252)],
            _ => (Step[])[],
        });
        steps.Add(Of("mail", n, "MAIL FROM:<a@x.example>\r\n", 250));
        steps.AddRange(Message(n));
        steps.Add(Of("quit", n, "QUIT\r\n", 221));
        return steps;
    }

    /// <summary>What becomes of its transaction.</summary>
    public static string Outcome(int n) => (n % 20) switch
    {
        0 or 10 or 3 => "permfail",
        2 or 4 => "tempfail",
        _ => "accepted",
    };

    private static IEnumerable<Step> Message(int n) => (n % 20) switch
    {
        0 or 10 => [Rcpt(n, 550), Reset(n)],
        1 or 11 => [Rcpt(n, 250), Rcpt(n, 450), Data(n, 354), Dot(n, 250)],
        2 => [Rcpt(n, 250), Data(n, 451), Reset(n)],
        3 => [Rcpt(n, 250), Data(n, 354), Dot(n, 554)],
        4 => [Rcpt(n, 250), Data(n, 354), Dot(n, 452)],
        5 or 15 => [Rcpt(n, 250), Of("bdat", n, "BDAT 6\r\nabcd\r\n", 250), Of("bdat", n, "BDAT 6 LAST\r\nefgh\r\n", 250)],
        _ => [Rcpt(n, 250), Data(n, 354), Dot(n, 250)],
    };

    private static Step Rcpt(int n, int code) => Of("rcpt", n, "RCPT TO:<b@x.example>\r\n", code);

    private static Step Reset(int n) => Of("rset", n, "RSET\r\n", 250);

    private static Step Data(int n, int code) => Of("data", n, "DATA\r\n", code) with { ClientPause = n % 50 == 7 ? Pause : default };

    private static Step Dot(int n, int code) =>
        Of("end_of_data", n, "Subject: hi\r\n\r\nhi\r\n.\r\n", code) with { ClientPause = n % 50 == 8 ? Pause : default };

    private static Step Of(string operation, int n, string said, int code)
    {
        // Every 32nd: evenly among those that have the operation.
        var (usual, rare) = Delays[operation];
        return new Step(operation, said, TimeSpan.FromMilliseconds(((n / 20) + operation.Length) % 32 == 0 ? rare : usual), code);
    }
}
