using SmtpProxy.Codes;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Telemetry;

/// <summary>How a session ended, for its record.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Visibility">How much of it was seen.</param>
/// <param name="Opaque">Why not all of it was.</param>
/// <param name="Finding">What was wrong; null: nothing.</param>
/// <param name="Octets">Octets that the client and the relay sent.</param>
/// <param name="Shares">How its time divides.</param>
internal readonly record struct SessionEnd(
    SessionOutcome Outcome, Visibility Visibility, OpaqueNote Opaque, Finding? Finding, (long Client, long Relay) Octets, Shares Shares);
