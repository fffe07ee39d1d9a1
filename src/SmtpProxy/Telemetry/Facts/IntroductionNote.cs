namespace SmtpProxy.Telemetry.Facts;

/// <summary>How a relay was told the client's address by XCLIENT, as the session's record keeps it.</summary>
/// <param name="Code">Its reply: 220 when it took it.</param>
/// <param name="Attributes">What it was told, by name.</param>
/// <param name="Ticks">How long that took, from its greeting on.</param>
public sealed record IntroductionNote(int Code, IReadOnlyList<string> Attributes, long Ticks);
