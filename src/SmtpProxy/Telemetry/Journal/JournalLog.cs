namespace SmtpProxy.Telemetry.Journal;

/// <summary>Logs how the journal's file fares: about trouble one line in each <see cref="Interval"/>, however often
/// it is met. Thread-safe.</summary>
internal sealed partial class JournalLog(ILogger<JournalWriter> log, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly Lock _speaking = new();
    private long? _said;
    private bool _isToldToFail;

    /// <summary>Lines cannot be written.</summary>
    public void Failed(string path, Exception why)
    {
        if (MaySpeak())
        {
            _isToldToFail = true;
            LogFailed(path, why.Message.TrimEnd('.'));
        }
    }

    /// <summary>Lines were written.</summary>
    public void Written(string path)
    {
        if (_isToldToFail)
        {
            _isToldToFail = false;
            LogWritten(path);
        }
    }

    /// <summary>A session cannot be made a line.</summary>
    public void Unwritable(Exception why)
    {
        if (MaySpeak())
        {
            LogUnwritable(why.GetType().Name, why.Message.TrimEnd('.'));
        }
    }

    /// <summary>Lines go to the file that was moved away.</summary>
    public void Stranded(string path, Exception why)
    {
        if (MaySpeak())
        {
            LogStranded(path, why.Message.TrimEnd('.'));
        }
    }

    /// <summary>The file was opened anew because somebody asked for it.</summary>
    public void Reopened(string path) => LogReopened(path);

    private bool MaySpeak()
    {
        lock (_speaking)
        {
            if (_said is { } last && time.GetElapsedTime(last) < Interval)
            {
                return false;
            }

            _said = time.GetTimestamp();
            return true;
        }
    }

    [LoggerMessage(EventId = 380, Level = LogLevel.Error,
        Message =
            "The journal {Path} cannot be written: {Why}. It is tried again; finished sessions wait, and those that are too many are " +
                "lost from it")]
    private partial void LogFailed(string path, string why);

    [LoggerMessage(EventId = 381, Level = LogLevel.Information, Message = "The journal {Path} is written again")]
    private partial void LogWritten(string path);

    [LoggerMessage(EventId = 382, Level = LogLevel.Warning,
        Message = "The journal {Path} cannot be opened anew: {Why}. Sessions go to the file that was moved away")]
    private partial void LogStranded(string path, string why);

    [LoggerMessage(EventId = 383, Level = LogLevel.Information, Message = "The journal {Path} was opened anew")]
    private partial void LogReopened(string path);

    [LoggerMessage(EventId = 384, Level = LogLevel.Error,
        Message =
            "A session is lost from the journal: {Kind}: {Why}. Those after it are written; smtpproxy.limits.hit counts what is lost")]
    private partial void LogUnwritable(string kind, string why);
}
