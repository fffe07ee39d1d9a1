using System.Collections.Concurrent;
using System.Diagnostics;

namespace SmtpProxy.Sessions.Introduction;

/// <summary>Says which relays are not told of their clients: of each relay one line in a while, however often that changes, as clients of
/// two kinds may come in turn. Thread-safe.</summary>
internal sealed partial class IntroductionLog(ILogger log)
{
    /// <summary>Between two lines about a relay.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Said> _failing = new();

    /// <summary>A relay was told of the client.</summary>
    public void Went(string? relay, long now)
    {
        if (_failing.TryGetValue(relay ?? "", out var said) && said.MayEnd(now))
        {
            LogWent(relay);
        }
    }

    /// <summary>It was not.</summary>
    public void Failed(string? relay, string why, long now)
    {
        if (_failing.GetOrAdd(relay ?? "", static _ => new Said()).MaySpeak(now, out var unsaid))
        {
            LogFailed(relay, why, unsaid == 0 ? "" : $" ({unsaid} more sessions since the last such line)");
        }
    }

    [LoggerMessage(EventId = 210, Level = LogLevel.Warning,
        Message = "Relay {Relay} cannot be told the client's address by XCLIENT, and does not get the session: {Why}{More}")]
    private partial void LogFailed(string? relay, string why, string more);

    [LoggerMessage(EventId = 211, Level = LogLevel.Information, Message = "Relay {Relay} takes the client's address by XCLIENT again")]
    private partial void LogWent(string? relay);

    private sealed class Said
    {
        private readonly Lock _lock = new();
        private long? _last;
        private int _unsaid;
        private bool _fails;

        public bool MaySpeak(long now, out int unsaid)
        {
            lock (_lock)
            {
                unsaid = _unsaid;
                if (_last is { } last && Stopwatch.GetElapsedTime(last, now) < Interval)
                {
                    _unsaid++;
                    return false;
                }

                (_last, _unsaid, _fails) = (now, 0, true);
                return true;
            }
        }

        public bool MayEnd(long now)
        {
            lock (_lock)
            {
                if (!_fails || Stopwatch.GetElapsedTime(_last!.Value, now) < Interval)
                {
                    return false;
                }

                _fails = false;
                return true;
            }
        }
    }
}
