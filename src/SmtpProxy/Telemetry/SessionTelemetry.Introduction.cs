using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry;

/// <summary>What the proxy said to a relay for itself, before the client's dialogue.</summary>
public sealed partial class SessionTelemetry
{
    /// <summary>The proxy and a relay talked before the client's dialogue began.</summary>
    /// <param name="note">What the relay answered when it was told who the client is; null: it was not told.</param>
    /// <param name="sent">Octets of ours.</param>
    /// <param name="received">Octets of the relay's that the client did not get; what it got is counted as the client's.</param>
    public void Introduced(IntroductionNote? note, int sent, int received)
    {
        _instruments.Io.Transmitted(Leg.Relay, sent);
        _instruments.Io.Received(Leg.Relay, received);
        if (_record is not null)
        {
            _record.Introduction = note;
        }
    }
}
