using SmtpProxy.Codes;

namespace SmtpProxy.Admin.Sightings;

/// <summary>All that the catalogue knows, to be sent at once.</summary>
/// <param name="Replies">Reply codes.</param>
/// <param name="Enhanced">Enhanced codes.</param>
/// <param name="Subjects">Subjects of enhanced codes.</param>
/// <param name="Diagnoses">Diagnoses.</param>
internal sealed record WholeCatalogue(
    IEnumerable<ReplyEntry> Replies, IEnumerable<EnhancedEntry> Enhanced, IEnumerable<EnhancedSubject> Subjects,
    IReadOnlyList<DiagnosisEntry> Diagnoses)
{
    /// <summary>It.</summary>
    public static WholeCatalogue All { get; } = new(Catalogue.Replies, Catalogue.EnhancedCodes, Catalogue.Subjects, Catalogue.Diagnoses);
}
