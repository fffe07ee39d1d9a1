namespace SmtpProxy.Tests.Fuzzing;

/// <summary>All that is fuzzed.</summary>
internal static class FuzzTargets
{
    private const string Rule =
        """
        {"at":"rcpt","action":{"type":"reply","code":451,"text":"later"},"probability":0.5,
        "match":{"clientCidr":"192.0.2.0/24","rcptDomain":"*.test"},"ttl":"00:10:00"}
        """;
    private const string Settings =
        """
        {"SmtpProxy":{"Listeners":{"inbound":{"Address":"127.0.0.1:2525","Cluster":"relays"}},
        "Limits":{"Greeting":"00:05:00","MaxSessions":10}},
        "ReverseProxy":{"Clusters":{"relays":{"Destinations":{"a":{"Address":"smtp://mx:25"}}}}}}
        """;

    private static readonly string[] JsonTokens =
    [
        "{", "}", "[", "]", ",", ":", "\"", "null", "true", "1e999", "-1", "0.5", "\"\\u0000\"", "\"\\ud800\"", "//", "/*", "\"at\":",
        "\"action\":", "\"type\":", "\"delay\"", "\"throttle\"", "\"reply\"", "\"tarpit\"",
        "\"duration\":\"00:00:01\"", "\"code\":", "\"match\":", "\"probability\":", "\"ttl\":", "\"everyNth\":", "\"SmtpProxy\":",
        "\"Listeners\":", "\"Address\":", "\"Cluster\":", "\"Limits\":", "\"Faults\":", "\"Tls\":",
        "\"ReverseProxy\":", "\"Clusters\":", "\"Destinations\":", "\"Metadata\":", "\"00:00:01\"", "\"9999999.00:00:00\"", "\"::1\"",
        "\"unix:/x\"", "\"10.0.0.0/33\"",
    ];

    private const string Hello =
        "\u0016\u0003\u0001\u0000\u0049\u0001\u0000\u0000\u0045\u0003\u0003" + "0123456789abcdef0123456789abcdef"
        + "\u0000\u0000\u0002\u0013\u0001\u0001\u0000\u0000\u001a"
        + "\u0000\u0000\u0000\u000c\u0000\u000a\u0000\u0000\u0007mx.test" + "\u0000\u002b\u0000\u0003\u0002\u0003\u0004\u0000";

    /// <summary>By name.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        FuzzTarget.Of("command", ParserTargets.Command,
            ["MAIL", "FROM:", "<", ">", "\"", " ", "\t", "SIZE=1", "BODY=8BITMIME", "SMTPUTF8", "BDAT", "LAST", "AUTH", "XCLIENT",
                " HTTP/1.1", "\\", "@a,@b:", "18446744073709551616"],
            ["MAIL FROM:<a@b> SIZE=10", "RCPT TO:<\"a b\"@c> NOTIFY=NEVER", "BDAT 10 LAST", "AUTH PLAIN AA==", "EHLO [IPv6:::1]",
                "GET / HTTP/1.1"]),
        FuzzTarget.Of("reply", ParserTargets.ReplyOf,
            ["250", "-", " ", "\r\n", "\n", "2.1.0 ", "5.7.1", "999", "0", "\r", "421 4.3.2 bye\r\n"],
            ["250-a\r\n250 b\r\n", "550 5.1.1 no\r\n", "250\r\n", "0 info\r\n250 ok\n"]),
        FuzzTarget.Of("dialogue", DialogueTarget.Try, DialogueTarget.Tokens, DialogueTarget.Seeds),
        FuzzTarget.Of("proxy-header", ParserTargets.ProxyHeaderOf,
            ["PROXY ", "TCP4 ", "TCP6 ", "UNKNOWN", "192.0.2.1 ", "::1 ", "65535 ", "25\r\n", "\r\n\r\n\0\r\nQUIT\n",
                "\u0021\u0011\u0000\u000c", "\u0020\u0000\u0000\u0000", "\u0021\u0021\u0000\u0024", "\u0021\u0031\u0000\u00d8"],
            ["PROXY TCP4 192.0.2.1 192.0.2.2 4000 25\r\n", "PROXY TCP6 2001:db8::1 ::1 1 2\r\n", "PROXY UNKNOWN\r\n",
                "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u0000\u000c\u00c0\u0000\u0002\u0001\u00c0\u0000\u0002\u0002\u0001\u0000\u0000\u0019"]),
        FuzzTarget.Of("client-hello", ParserTargets.ClientHelloOf,
            ["\u0016\u0003\u0001", "\u0000\u0000", "\u0001\u0000", "\u0000\u002b", "\u00ff\u00ff", "mx.test"], [Hello]),
        FuzzTarget.Of("rule", ParserTargets.Rule, JsonTokens, [Rule, .. GoodRules.Select(static r => r.Replace('\'', '"'))]),
        FuzzTarget.Of("settings", ParserTargets.Settings, JsonTokens, [Settings]),
        FuzzTarget.Of("sink", ParserTargets.SinkOf, [.. DialogueTarget.Tokens.Select(static t => t.TrimEnd('\u00fe'))],
            ["EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\ntext\r\n.\r\nQUIT\r\n",
                "EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 5 LAST\r\nhelloQUIT\r\n"]),
        FuzzTarget.Of("pipeline", PipelineTarget.Try, DialogueTarget.Tokens,
            [.. Enumerable.Range(0, 9).SelectMany(static n => DialogueTarget.Seeds.Select(s => (char)n + "\u0001" + s[1..]))]),
    ];

    private static IEnumerable<string> GoodRules =>
    [
        "{'at':'greeting','action':{'type':'delay','duration':'00:00:05'}}", "{'at':'endOfData','action':{'type':'ackLoss'}}",
        "{'at':'mail','action':{'type':'greylist','duration':'00:05:00'}}",
        "{'at':'dataBody','action':{'type':'throttle','octetsPerSecond':1000}}",
        "{'at':'ehlo','action':{'type':'editCapabilities','remove':['SIZE'],'add':['X']}}",
    ];

    /// <summary>By its name.</summary>
    public static FuzzTarget Named(string name) =>
        All.FirstOrDefault(t => t.Name == name)
            ?? throw new ArgumentException($"there is no target '{name}'; there is: {string.Join(", ", All.Select(static t => t.Name))}");
}
