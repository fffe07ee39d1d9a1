namespace SmtpProxy.Telemetry.Journal;

/// <summary>The journal (<c>SmtpProxy:Journal</c>). Read at start.</summary>
public sealed class JournalOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SmtpProxy:Journal";

    /// <summary>The <see cref="Path"/> that stands for standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>What Linux calls standard output. Under systemd it is a socket, in containers often somebody else's pipe: neither
    /// can be opened by its name.</summary>
    private static readonly string[] OtherNames = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

    /// <summary>The file that is appended to, <c>-</c> for standard output, or null (the default) for no journal.</summary>
    public string? Path
    {
        get;
        set => field = OperatingSystem.IsLinux() && OtherNames.Contains(value) ? StandardOutput : value;
    }

    /// <summary>What a line is written for: <c>Session</c> (the default) when one ends, or <c>Transaction</c>, so that what happens in a
    /// session that lasts for days is seen on its day.</summary>
    public string Per { get; set; } = "Session";

    /// <summary>Exchanges, and transactions, that are written of one session; the rest is counted in
    /// <c>exchanges_dropped</c> (10,000).</summary>
    public int MaxExchanges { get; set; } = 10_000;

    /// <summary>Finished sessions that may wait for the writer; more are dropped and counted in
    /// <c>smtpproxy.limits.hit</c> (4,096).</summary>
    public int QueueLength { get; set; } = 4_096;

    /// <summary>Finished sessions that are written in one second; more are dropped and counted in
    /// <c>smtpproxy.limits.hit</c>. 0 = all (10,000).</summary>
    public int MaxPerSecond { get; set; } = 10_000;

    /// <summary>Whether lines are written for transactions.</summary>
    public bool IsPerTransaction => Per.Equals("Transaction", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether there is a journal.</summary>
    public bool IsOn => !string.IsNullOrEmpty(Path);

    /// <summary>What is wrong, each with the key's full path and the remedy; empty when all is well.</summary>
    public IEnumerable<string> Validate()
    {
        if (!IsPerTransaction && !Per.Equals("Session", StringComparison.OrdinalIgnoreCase))
        {
            yield return $"{Section}:Per: '{Per}' is not one of Session, Transaction";
        }

        if (MaxExchanges is < 1 or > 1_000_000)
        {
            yield return $"{Section}:MaxExchanges: {MaxExchanges} is not between 1 and 1000000";
        }

        if (MaxPerSecond < 0)
        {
            yield return $"{Section}:MaxPerSecond: {MaxPerSecond} is negative; write how many sessions a second the journal takes at " +
                $"most, or 0 for all";
        }

        if (QueueLength is < 1 or > 1_000_000)
        {
            yield return $"{Section}:QueueLength: {QueueLength} is not between 1 and 1000000";
        }
    }
}
