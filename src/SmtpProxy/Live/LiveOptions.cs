using SmtpProxy.Transport;

namespace SmtpProxy.Live;

/// <summary>What is kept in memory of sessions to be looked at (<c>SmtpProxy:Live</c>). Read at start.</summary>
public sealed class LiveOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SmtpProxy:Live";

    /// <summary>Whether the last sessions are kept for the page and the API (true).</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Finished sessions that are kept; the oldest go first (10,000).</summary>
    public int MaxSessions { get; set; } = 10_000;

    /// <summary>Octets that they may take (32 MiB, and at most a sixteenth of the memory that there is).</summary>
    public long Memory { get; set; } = AvailableMemory.Share(32L * 1024 * 1024, 16);

    /// <summary>Sessions that went well and are kept of one second, and as many that did not; more are counted as skipped (200). A long
    /// session counts as one more for each 32 exchanges.</summary>
    public int MaxPerSecond { get; set; } = 200;

    /// <summary>Readers of <c>/api/v1/sessions/stream</c> at once (32).</summary>
    public int MaxStreams { get; set; } = 32;

    /// <summary>Clients that are remembered for <c>/api/v1/clients</c>; those that were away for the longest time go first. 0 = none are
    /// (100,000, and at most one for each 8 KiB of memory).</summary>
    public int MaxClients { get; set; } = AvailableMemory.Places(100_000, 8 * 1024);

    /// <summary>Whether the names of clients that somebody looks at are asked for by reverse lookup (PTR) (false).</summary>
    public bool ResolveClients { get; set; }

    /// <summary>Where the page leads from a trace's id, with <c>{trace_id}</c> in its place, such as
    /// <c>https://grafana.example/explore?trace={trace_id}</c>; null: nowhere.</summary>
    public string? TraceLink { get; set; }

    /// <summary>What is wrong, each with the key's full path and the remedy; empty when all is well.</summary>
    public IEnumerable<string> Validate()
    {
        if (MaxSessions is < 1 or > 1_000_000)
        {
            yield return $"{Section}:MaxSessions: {MaxSessions} is not between 1 and 1000000; {Section}:Enabled=false keeps none";
        }

        if (Memory is < 65_536 or > 1L << 40)
        {
            yield return $"{Section}:Memory: {Memory} is not between 65536 and 1099511627776 octets; {Section}:Enabled=false takes none";
        }

        if (MaxPerSecond is < 1 or > 100_000)
        {
            yield return $"{Section}:MaxPerSecond: {MaxPerSecond} is not between 1 and 100000; {Section}:Enabled=false keeps none";
        }

        if (MaxStreams is < 0 or > 200)
        {
            yield return $"{Section}:MaxStreams: {MaxStreams} is not between 0 (no streams) and 200";
        }

        if (MaxClients is < 0 or > 100_000)
        {
            yield return $"{Section}:MaxClients: {MaxClients} is not between 0 (no clients are remembered) and 100000";
        }

        if (TraceLink is { } link
            && !(Uri.TryCreate(link.Replace("{trace_id}", "0", StringComparison.Ordinal), UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https" && link.Contains("{trace_id}", StringComparison.Ordinal)))
        {
            yield return $"{Section}:TraceLink: \"{link}\" is not an http or https URL with {{trace_id}} in it";
        }
    }
}
