using System.Text.RegularExpressions;

namespace SmtpProxy.FunctionalTests.Faults.Senders;

/// <summary>What a sending Postfix says of its messages, without what is another every time.</summary>
internal static partial class PostfixLog
{
    /// <summary>The queue ids of messages for a domain, oldest first.</summary>
    public static IReadOnlyList<string> QueueIds(string log, string domain) =>
        [.. Sent().Matches(log).Where(m => m.Groups["domain"].Value == domain).Select(static m => m.Groups["id"].Value).Distinct()];

    /// <summary>How often messages for a domain have come to a state: <c>sent</c> or <c>deferred</c>.</summary>
    public static int Count(string log, string domain, string status) =>
        Sent().Matches(log).Count(m => m.Groups["domain"].Value == domain && m.Groups["status"].Value == status);

    /// <summary>How many messages for a domain the queue is rid of, which its manager says after their last delivery.</summary>
    public static int Removed(string log, string domain) =>
        QueueIds(log, domain).Count(id => log.Contains($": {id}: removed", StringComparison.Ordinal));

    /// <summary>The first message for a domain that was deferred, from its first try to its end: each different line once.</summary>
    public static IReadOnlyList<string> Story(string log, string domain)
    {
        var id = Sent().Matches(log).First(m => m.Groups["domain"].Value == domain
            && m.Groups["status"].Value == "deferred").Groups["id"].Value;
        return
        [
            .. log.Split('\n').Select(static line => Line().Match(line))
                .Where(m => m.Groups["id"].Value == id && m.Groups["daemon"].Value is "smtp" or "qmgr")
                .Select(static m => $"{m.Groups["daemon"].Value}: {Shorten(m.Groups["text"].Value)}")
                .Distinct(),
        ];
    }

    private static string Shorten(string text) =>
        Queued().Replace(Varying().Replace(text, "").Replace("127.0.0.1[127.0.0.1]", "proxy", StringComparison.Ordinal), "queued as …");

    [GeneratedRegex(@"postfix/\w+\[\d+\]: (?<id>[0-9A-F]+): to=<[^@]+@(?<domain>[^>]+)>,.* status=(?<status>\w+) ")]
    private static partial Regex Sent();

    [GeneratedRegex(@"postfix/(?<daemon>\w+)\[\d+\]: (?<id>[0-9A-F]+): (?<text>.*)$")]
    private static partial Regex Line();

    // How long it took, how large it was with its Received line, which port it was this time.
    [GeneratedRegex(@" delays?=[0-9./]+,| conn_use=\d+,| size=\d+,|(?<=127\.0\.0\.1\[127\.0\.0\.1\]):\d+")]
    private static partial Regex Varying();

    [GeneratedRegex("queued as [0-9A-Z]+")]
    private static partial Regex Queued();
}
