namespace SmtpProxy.Admin.Sightings;

/// <summary>Parameters of a query that an endpoint reads by itself, for <c>/openapi/v1.json</c>.</summary>
/// <param name="Fields">Their names, and what they do.</param>
internal sealed record QueryFields(IReadOnlyList<(string Name, string Does)> Fields)
{
    /// <summary>The filters of sessions.</summary>
    public static QueryFields OfSessions { get; } = new(
    [
        ("listener", "Listeners, apart by commas"), ("cluster", "Clusters"), ("relay", "Relays, by their configured names"),
        ("code", "Reply codes, or classes such as 5xx"),
        ("enhanced", "Enhanced codes"), ("outcome", "How sessions ended"), ("verdict", "How transactions ended"),
        ("diagnosis", "What was wrong"), ("anomaly", "Anomalies"),
        ("client", "Addresses or networks of clients"), ("tls", "none, starttls, refused, implicit, 1.2, 1.3"),
        ("slower_than", "Milliseconds that the slowest exchange took longer than"),
        ("faulted", "true or false"), ("live", "true or false"), ("noise", "hide: without health checks and scans"),
    ]);

    /// <summary>Where to search.</summary>
    public static QueryFields OfSearch
        { get; } = new([("in", "Some of session, queue_id, message_id, address, client, apart by commas; all unless it is said")]);

    /// <summary>How the fleet's stream goes on.</summary>
    public static QueryFields OfFleetStream
        { get; } = new([("after", "The id of the event that was seen last, at any proxy; Last-Event-ID says the same")]);

    /// <summary>How a stream goes on, and what else it sends.</summary>
    public static QueryFields OfStreams
        { get; } = new([("after", "The id of the event that was seen last; Last-Event-ID says the same"),
            ("now", "true: the event now every second, too")]);
}
