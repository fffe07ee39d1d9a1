using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Telemetry.Facts;

/// <summary>Why a session could not be followed to its end (PROTOCOL 11.3).</summary>
/// <param name="Reason">Why; <see cref="OpaqueReason.None"/>: it could.</param>
/// <param name="Leg">Whose octet it was.</param>
/// <param name="Octet">Its position in that party's stream, from 0.</param>
internal readonly record struct OpaqueNote(OpaqueReason Reason, Leg Leg, long Octet);
