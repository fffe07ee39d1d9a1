using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>Dials for the gate of dials.</summary>
internal interface IDials
{
    /// <summary>Dials, past the gate.</summary>
    void DialNow(in DialTarget target);

    /// <summary>What came of a dial, made or not.</summary>
    void AnswerDial(in DialResult result);
}
