using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>Dials for the gate of dials.</summary>
internal interface IDials
{
    /// <summary>Dials, past the gate.</summary>
    void DialNow(in RelayTarget target);

    /// <summary>What came of a dial, made or not.</summary>
    void AnswerDial(in DialNote dial);
}
