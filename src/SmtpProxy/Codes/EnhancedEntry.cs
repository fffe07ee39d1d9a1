namespace SmtpProxy.Codes;

/// <summary>What the catalogue knows of an enhanced status code (RFC 3463 and its registry;
/// <c>enhanced.json</c>), whatever its class.</summary>
/// <param name="Code"><c>X.subject.detail</c>.</param>
/// <param name="Name">A few words.</param>
/// <param name="Meaning">What it says.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Source">Where it is defined.</param>
public sealed record EnhancedEntry(string Code, string Name, string Meaning, string Remedy, string Source);

/// <summary>A subject: the middle number of an enhanced code.</summary>
/// <param name="Subject">0-7.</param>
/// <param name="Name">A few words.</param>
/// <param name="Meaning">What it is about.</param>
public sealed record EnhancedSubject(int Subject, string Name, string Meaning);

/// <summary>The whole of <c>enhanced.json</c>.</summary>
/// <param name="Subjects">The subjects.</param>
/// <param name="Codes">The codes.</param>
internal sealed record EnhancedFile(IReadOnlyList<EnhancedSubject> Subjects, IReadOnlyList<EnhancedEntry> Codes);
