using System.Collections.Concurrent;

namespace SmtpProxy.Sessions.Introduction;

/// <summary>Says which relays do not take the client's address, once each until that changes: every session meets the same. Thread-safe.</summary>
internal sealed partial class IntroductionLog(ILogger log)
{
    private readonly ConcurrentDictionary<string, string> _failing = new();

    /// <summary>A relay was told the client.</summary>
    public void Went(string? relay)
    {
        if (_failing.TryRemove(relay ?? "", out _))
        {
            LogWent(relay);
        }
    }

    /// <summary>It was not.</summary>
    public void Failed(string? relay, string why)
    {
        var before = _failing.GetValueOrDefault(relay ?? "");
        _failing[relay ?? ""] = why;
        if (before != why)
        {
            LogFailed(relay, why);
        }
    }

    [LoggerMessage(EventId = 210, Level = LogLevel.Warning, Message = "Relay {Relay} cannot be told the client's address by XCLIENT, and serves sessions as the proxy's: {Why}")]
    private partial void LogFailed(string? relay, string why);

    [LoggerMessage(EventId = 211, Level = LogLevel.Information, Message = "Relay {Relay} takes the client's address by XCLIENT again")]
    private partial void LogWent(string? relay);
}
