using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Preamble;

namespace SmtpProxy.Sessions.Introduction;

/// <summary>What one preamble took: octets of both sides, and times in ticks of the transport's clock.</summary>
/// <param name="connected">What came of the dial.</param>
/// <param name="began">When the relay's connection was there.</param>
internal sealed class PreambleRecord(DialResult connected, long began)
{
    private long _since;
    private long _greeted;

    /// <summary>When the relay had greeted; 0: it has not.</summary>
    public long GreetedAt => _greeted;

    /// <summary>The relay can talk, and is waited for: after a handshake, where one comes first.</summary>
    public void Begin(long now) => _since = now;

    /// <summary>The relay has greeted; counts once.</summary>
    public void Greeted(long now) => _greeted = _greeted == 0 ? now : _greeted;

    /// <summary>The result of the dial for the session, when all is agreed.</summary>
    public DialNote Connected(long now) => new(connected) { KeptBack = now - began, GreetingTook = _greeted == 0 ? 0 : _greeted - _since };

    /// <summary>The same, when nothing could be agreed.</summary>
    public DialNote Failed(DialOutcome outcome, string why, long now) =>
        new(new DialResult(outcome, null, null, why)) { KeptBack = now - began };

    /// <summary>What came of the introduction, and how long it took from the greeting on; null: there was none.</summary>
    public IntroductionNote? NoteOf(RelayPreamble preamble, long now) =>
        preamble.XClientCode is { } code ? new IntroductionNote(code, preamble.Attributes, now - _greeted) : null;
}
