using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry;

/// <summary>What the proxy said to a relay for itself, before the client's dialogue.</summary>
public sealed partial class SessionTelemetry
{
    /// <summary>A relay was told the client's address, or refused to be.</summary>
    /// <param name="note">What came of it; null: it was not even asked.</param>
    /// <param name="sent">Octets of ours.</param>
    /// <param name="received">Octets of the relay's that the client did not get; what it got is counted as the client's.</param>
    public void Introduced(IntroductionNote? note, int sent, int received)
    {
        SpokeFirst(sent, received);
        if (_record is not null)
        {
            _record.Introduction = note;
        }
    }

    /// <summary>The proxy and a relay talked before the client's dialogue began.</summary>
    /// <param name="sent">Octets of ours.</param>
    /// <param name="received">Octets of the relay's that the client did not get.</param>
    public void SpokeFirst(int sent, int received)
    {
        _instruments.Io.Transmitted(Leg.Relay, sent);
        _instruments.Io.Received(Leg.Relay, received);
    }
}
