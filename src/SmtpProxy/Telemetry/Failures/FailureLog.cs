using SmtpProxy.Codes;

namespace SmtpProxy.Telemetry.Failures;

/// <summary>Logs in plain words why sessions fail: about each diagnosis one line in each <see cref="Interval"/>, however many sessions it
/// meets. The journal has them all.</summary>
internal sealed partial class FailureLog(ILogger<FailureLog> log, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly Lock _lock = new();
    private readonly (long Last, int Unsaid)[] _said = new (long, int)[Catalogue.Diagnoses.Count];

    /// <summary>A session did not end well.</summary>
    /// <param name="session">Its name, as in the journal.</param>
    /// <param name="listener">Where it came in.</param>
    /// <param name="destination">The relay's configured name.</param>
    /// <param name="finding">What was wrong.</param>
    public void Tell(string session, string listener, string destination, Finding finding)
    {
        if (!MaySpeak(finding.Diagnosis, out var unsaid))
        {
            return;
        }

        var level = Catalogue.Of(finding.Diagnosis).Side is "client" or "unknown" ? LogLevel.Information : LogLevel.Warning;
        var evidence = string.Join(", ", finding.Evidence.Select(static e => $"{e.Key}={e.Value}"));
        var candidates = finding.Candidates.Count == 0
            ? "" : $" Candidates: {string.Join(", ", finding.Candidates.Select(static c => Catalogue.Of(c).Code))}.";
        var more = unsaid == 0 ? "" : $" ({unsaid} more since the last such line)";
        LogFailure(level, session, listener, destination, finding.Code, finding.Text, candidates, evidence, finding.Remedy, more);
    }

    private bool MaySpeak(Diagnosis diagnosis, out int unsaid)
    {
        lock (_lock)
        {
            ref var said = ref _said[(int)diagnosis];
            unsaid = said.Unsaid;
            if (said.Last != 0 && time.GetElapsedTime(said.Last) < Interval)
            {
                said.Unsaid++;
                return false;
            }

            said = (Math.Max(1, time.GetTimestamp()), 0);
            return true;
        }
    }

    [LoggerMessage(EventId = 420,
        Message =
            "Session {Session} from listener {Listener} to relay {Relay} failed: {Diagnosis}. {Text}{Candidates} [{Evidence}] What to " +
                "do: {Remedy}{More}")]
    private partial void LogFailure(
        LogLevel level, string session, string listener, string relay, string diagnosis, string text, string candidates, string evidence,
        string remedy, string more);
}
