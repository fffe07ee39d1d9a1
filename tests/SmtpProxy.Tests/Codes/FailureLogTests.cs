using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SmtpProxy.Codes;
using SmtpProxy.Telemetry.Failures;

namespace SmtpProxy.Tests.Codes;

/// <summary>The log says why sessions fail, and does not drown in it.</summary>
public sealed class FailureLogTests : ILogger<FailureLog>
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<(LogLevel Level, string Text)> _lines = [];
    private FailureLog? _log;

    [Fact]
    public void Failure_Told_HasItsRemedyAndItsCandidates()
    {
        Tell(Find(SessionBreak.NotConnected));
        Tell(Diagnoser.Find(new FailureFacts
            { Greeted = true, Refusal = new RefusalReply(Protocol.Commands.Operation.Rcpt, 550, default, "no <x@private.example>") }));

        Assert.Equal(LogLevel.Warning, _lines[0].Level);
        Assert.StartsWith("Session s1 from listener inbound to relay mx1 failed: no_relay_available. The cluster has no relay",
            _lines[0].Text, StringComparison.Ordinal);
        Assert.Contains("What to do: See `GET /api/v1/upstreams`", _lines[0].Text, StringComparison.Ordinal);
        Assert.Contains("Candidates: recipient_unknown, relay_denied, blocklisted, policy_refused.", _lines[1].Text,
            StringComparison.Ordinal);
        Assert.DoesNotContain("private.example", _lines[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Failures_OfOneKindInManySessions_AreOneLineInTenSeconds()
    {
        for (var n = 0; n < 1000; n++)
        {
            Tell(Find(SessionBreak.NotConnected));
        }

        Tell(Find(SessionBreak.Capped));
        Assert.Equal(2, _lines.Count);
        _time.Advance(TimeSpan.FromSeconds(10));
        Tell(Find(SessionBreak.NotConnected));
        Assert.EndsWith("(999 more since the last such line)", _lines[2].Text, StringComparison.Ordinal);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _lines.Add((logLevel, formatter(state, exception)));

    private static Finding Find(SessionBreak how) => Diagnoser.Find(new FailureFacts { Break = how });

    private void Tell(Finding finding) => (_log ??= new FailureLog(this, _time)).Tell("s1", "inbound", "mx1", finding);
}
