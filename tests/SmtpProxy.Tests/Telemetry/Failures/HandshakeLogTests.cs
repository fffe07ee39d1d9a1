using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Failures;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry.Failures;

public sealed class HandshakeLogTests : ILogger<HandshakeLog>
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _lines = [];
    private readonly HandshakeLog _log;

    public HandshakeLogTests() => _log = new HandshakeLog(this, _time);

    [Fact]
    public void Failures_OfOneKind_AreOneLineInAWhile()
    {
        Fail("mx1", TlsFailure.Expired);
        Fail("mx1", TlsFailure.Expired);
        Fail("mx1", TlsFailure.Expired);
        Assert.Equal(["Warning TLS with relay mx1 failed (expired): words (0 more since the last such line)"], _lines);
        _time.Advance(TimeSpan.FromSeconds(10));
        Fail("mx1", TlsFailure.Expired);
        Assert.Equal("Warning TLS with relay mx1 failed (expired): words (2 more since the last such line)", _lines[^1]);
    }

    [Fact]
    public void Failures_OfOtherKindsAndPeers_HaveTheirOwn()
    {
        Fail("mx1", TlsFailure.Expired);
        Fail("mx2", TlsFailure.Expired);
        Fail("mx1", TlsFailure.Untrusted);
        _log.Tell("mx1", null, new HandshakeNote(Leg.Client, SslProtocols.None, null, null, new TlsFailure(TlsFailure.Expired, "words")));
        Assert.Equal(4, _lines.Count);
        Assert.Equal("Information TLS with a client of listener mx1 failed (expired): words (0 more since the last such line)", _lines[^1]);
    }

    [Fact]
    public void Success_IsNotWorthALine()
    {
        _log.Tell("in", "mx1", new HandshakeNote(Leg.Relay, SslProtocols.Tls13, null, null, null));
        Assert.Empty(_lines);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _lines.Add($"{logLevel} {formatter(state, exception)}");

    private void Fail(string relay, string why) =>
        _log.Tell("in", relay, new HandshakeNote(Leg.Relay, SslProtocols.None, null, null, new TlsFailure(why, "words")));
}
