namespace SmtpProxy.Rehearsals.Observed;

/// <summary>A command and its reply.</summary>
/// <param name="Verb">The command; <c>greeting</c> for the first reply.</param>
/// <param name="Code">What the client was told; null: nothing came.</param>
/// <param name="AtMs">When it began, in milliseconds from the session's start.</param>
/// <param name="Ms">How long it took; null: it did not end, or no clock ran.</param>
/// <param name="EndMs">When its reply had come, in milliseconds from the session's start; as
/// <paramref name="AtMs"/> where it did not.</param>
internal sealed record SeenExchange(string Verb, int? Code, double AtMs, double? Ms, double EndMs);
