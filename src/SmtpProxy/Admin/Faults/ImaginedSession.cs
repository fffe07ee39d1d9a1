using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Admin.Faults;

/// <summary>A session that is only imagined, for explain. What is left out is as in a session that has just said MAIL and RCPT.</summary>
internal sealed record ImaginedSession
{
    private static readonly HashSet<string> Members = new(
        typeof(ImaginedSession).GetProperties().Where(static p => p.CanWrite)
            .Select(static p => JsonNamingPolicy.CamelCase.ConvertName(p.Name)), StringComparer.OrdinalIgnoreCase);

    public string? Listener { get; init; }

    public string? Cluster { get; init; }

    public string? Destination { get; init; }

    public string? Client { get; init; }

    public string? HeloName { get; init; }

    public string? MailFrom { get; init; }

    public string? RcptTo { get; init; }

    public int? RecipientCount { get; init; }

    public long? DeclaredSize { get; init; }

    public bool Authenticated { get; init; }

    public string? Tls { get; init; }

    public int? UpstreamReply { get; init; }

    public TimeSpan Elapsed { get; init; }

    public int? TransactionsInSession { get; init; }

    /// <summary>Reads one; null, and what is wrong with it.</summary>
    public static ImaginedSession? Read(JsonObject session, out IReadOnlyList<RuleError> errors)
    {
        errors = [.. session.Where(static m => !Members.Contains(m.Key)).Take(RuleError.Most)
            .Select(static m => new RuleError(m.Key, $"is not known here; known are {string.Join(", ", Members)}"))];
        try
        {
            var imagined = session.Deserialize(FaultsJson.Default.ImaginedSession)!;
            errors = [.. errors, .. imagined.Wrong()];
            return errors.Count > 0 ? null : imagined;
        }
        catch (JsonException e)
        {
            errors = [new RuleError(e.Path?.TrimStart('$', '.') ?? "",
                "is not such a value; times are written 00:01:00, counts and codes as numbers, authenticated true or false")];
            return null;
        }
    }

    private IEnumerable<RuleError> Wrong()
    {
        if (Client is not null && !IPAddress.TryParse(Client, out _))
        {
            yield return new RuleError("client", $"\"{Client}\" is not an address such as 192.0.2.7");
        }

        if (Tls is not (null or "plain" or "terminated" or "opaque"))
        {
            yield return new RuleError("tls", $"\"{Tls}\" is not one of plain, terminated, opaque");
        }
    }

    public FaultFacts Facts() => new()
    {
        Session = "imagined",
        Listener = Listener ?? "inbound",
        Cluster = Cluster ?? "relays",
        Destination = Destination,
        Client = IPAddress.TryParse(Client, out var address) ? address : IPAddress.Loopback,
        HeloName = HeloName,
        MailFrom = MailFrom ?? "",
        RcptTo = RcptTo ?? "",
        FirstRcptTo = RcptTo,
        RecipientCount = RecipientCount ?? 1,
        DeclaredSize = DeclaredSize,
        IsAuthenticated = Authenticated,
        IsTlsTerminated = Tls == "terminated",
        IsOpaque = Tls == "opaque",
        RelayCode = UpstreamReply ?? 250,
        Elapsed = Elapsed,
        Transactions = TransactionsInSession ?? 1,
        Commands = 1,
    };
}
