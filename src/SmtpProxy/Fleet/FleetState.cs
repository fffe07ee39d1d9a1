namespace SmtpProxy.Fleet;

/// <summary>Whether this proxy hears its fleet, and why not. Each change is said once. Thread-safe.</summary>
internal sealed partial class FleetState(TimeProvider time, ILogger<FleetState> log)
{
    /// <summary>After this without a beat nobody can say any more that a halt would have been heard.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private volatile State _state = new("joining", null, time.GetUtcNow(), false);
    private long _heardAt = long.MinValue;

    /// <summary>The fleet was heard just now, and this proxy was.</summary>
    public bool IsJoined => _state.Name == "joined" && time.GetElapsedTime(Volatile.Read(ref _heardAt)) < Freshness;

    /// <summary>Redis was heard just now, whoever else is there.</summary>
    public bool IsHeard => _state.IsHeard && time.GetElapsedTime(Volatile.Read(ref _heardAt)) < Freshness;

    /// <summary>Where it stands.</summary>
    public (string Name, string? Reason, DateTimeOffset Since) Now => _state is var now && now.Name == "joined" && !IsJoined
        ? ("degraded", "the beat is late", now.Since) : (now.Name, now.Reason, now.Since);

    /// <summary>A beat was answered, whole.</summary>
    public void Joined(string fleet, int members)
    {
        Volatile.Write(ref _heardAt, time.GetTimestamp());
        if (Change("joined", null, true) is { } before)
        {
            LogJoined(fleet, members, before);
        }
    }

    /// <summary>A beat was answered, and others are there that do not belong to the fleet: what they halt is not known here.</summary>
    public void Mixed(string reason)
    {
        Volatile.Write(ref _heardAt, time.GetTimestamp());
        if (Change("degraded", reason, true) is not null)
        {
            LogMixed(reason);
        }
    }

    /// <summary>One was not.</summary>
    public void Degraded(string reason)
    {
        if (Change("degraded", reason, false) is not null)
        {
            LogDegraded(reason);
        }
    }

    /// <returns>The state before; null: nothing changed.</returns>
    private string? Change(string name, string? reason, bool isHeard)
    {
        lock (_lock)
        {
            var before = _state;
            if (before.Name == name && before.Reason == reason)
            {
                return null;
            }

            _state = new State(name, reason, before.Name == name ? before.Since : time.GetUtcNow(), isHeard);
            return before.Name;
        }
    }

    [LoggerMessage(EventId = 800, Level = LogLevel.Information, Message = "In the fleet {Fleet}, {Members} in all; before: {Before}")]
    private partial void LogJoined(string fleet, int members, string before);

    [LoggerMessage(EventId = 801, Level = LogLevel.Warning, Message = "Without the fleet: {Reason}. Mail goes on. No fault strikes, limits "
        + "for each client fall to this proxy's share")]
    private partial void LogDegraded(string reason);

    [LoggerMessage(EventId = 802, Level = LogLevel.Warning, Message = "Strangers in the fleet: {Reason}. Mail goes on, and limits are "
        + "counted. No fault strikes")]
    private partial void LogMixed(string reason);

    private sealed record State(string Name, string? Reason, DateTimeOffset Since, bool IsHeard);
}
