using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Live;

/// <summary>A refusal, and how often it was given in one session.</summary>
/// <param name="Verb">What was refused; null: the greeting.</param>
/// <param name="Code">The reply's code.</param>
/// <param name="Enhanced">Its enhanced code.</param>
/// <param name="Origin">Who gave it.</param>
/// <param name="Count">How often.</param>
internal readonly record struct Refused(string Verb, ushort Code, EnhancedCode Enhanced, Origin Origin, int Count);
