namespace SmtpProxy.Codes;

/// <summary>What the catalogue says of a diagnosis.</summary>
/// <param name="Code">Its name outside: metric, journal, documentation.</param>
/// <param name="Title">A few words.</param>
/// <param name="Side">Where to look: <c>client</c>, <c>relay</c>, <c>network</c>, <c>proxy</c>, <c>unknown</c>.</param>
/// <param name="Text">What happened, in a plain sentence.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record DiagnosisEntry(string Code, string Title, string Side, string Text, string Remedy);
