namespace SmtpProxy.Codes;

/// <summary>A well-known reply text (<c>texts.json</c>).</summary>
/// <param name="Pattern">A regular expression over the text, without regard to case.</param>
/// <param name="Codes">Reply codes that it stands with, as a pattern (<c>55.</c>); null = any refusal.</param>
/// <param name="In">The operations to which it is a reply; null: any.</param>
/// <param name="Name">What was said, in the catalogue's words: the phrase that is kept as evidence.</param>
/// <param name="Provider">Whose text it is.</param>
/// <param name="Diagnosis">The name of what it means.</param>
/// <param name="Meaning">What it means, where that is more than the diagnosis says; null = nothing more.</param>
/// <param name="Remedy">The same for the remedy.</param>
/// <param name="Source">Where it is documented.</param>
public sealed record TextEntry(
    string Pattern, string? Codes, IReadOnlyList<string>? In, string Name, string Provider, string Diagnosis, string? Meaning,
    string? Remedy, string Source);
