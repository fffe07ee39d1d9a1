using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace SmtpProxy.FunctionalTests.Faults.Coherence;

/// <summary>What a relaying Postfix says of one client address.</summary>
internal sealed class RelayLog(string log, IPAddress client)
{
    private readonly string _client = $"[{client}]";

    /// <summary>Its lines about that client and its messages.</summary>
    public IReadOnlyList<string> Lines =>
        [.. log.Split('\n').Where(line => line.Contains(_client, StringComparison.Ordinal)
            || QueueIds.Any(id => line.Contains($" {id}: ", StringComparison.Ordinal)))];

    /// <summary>When it came, by the relay's clock and in whole seconds; null: never.</summary>
    public DateTime? Connected =>
        log.Split('\n').FirstOrDefault(line => line.Contains($": connect from unknown{_client}", StringComparison.Ordinal)) is { } line
        ? DateTime.ParseExact(line[..15], "MMM d HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite)
        : null;

    /// <summary>What it did, counted when it has gone; null: not yet.</summary>
    public string? Counted => Regex.Match(log, $": disconnect from unknown{Regex.Escape(_client)} (.*)") is { Success: true } match
        ? match.Groups[1].Value.TrimEnd() : null;

    /// <summary>How it went, when that was not in good order.</summary>
    public string? Lost => Regex.Match(log, $": ((?:lost connection|timeout|too many errors).*) from unknown{Regex.Escape(_client)}") is
        { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>What its messages are called.</summary>
    public IReadOnlyList<string> QueueIds =>
        [.. Regex.Matches(log, $": ([0-9A-F]+): client=unknown{Regex.Escape(_client)}").Select(static m => m.Groups[1].Value)];

    /// <summary>Messages that were taken for delivery.</summary>
    public int Taken => QueueIds.Count(id => Regex.IsMatch(log, $@"postfix/qmgr\[\d+\]: {id}: from="));

    /// <summary>Messages that were delivered.</summary>
    public int Delivered => QueueIds.Sum(id => Regex.Count(log, $": {id}: to=.* status=sent "));
}
