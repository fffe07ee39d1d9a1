namespace SmtpProxy.Codes;

/// <summary>What was found to be wrong with a session. Safe to record: no text from the wire is in it.</summary>
/// <param name="Diagnosis">Which of the closed set.</param>
/// <param name="Evidence">What it rests on, as names and values.</param>
/// <param name="Candidates">What it may be, where it is unclear; otherwise empty.</param>
/// <param name="Known">The well-known reply text that was recognised; null = none.</param>
public sealed record Finding(
    Diagnosis Diagnosis, IReadOnlyList<KeyValuePair<string, string>> Evidence, IReadOnlyList<Diagnosis> Candidates, TextEntry? Known)
{
    /// <summary>Its name in the journal, metrics and documentation.</summary>
    public string Code => Catalogue.Of(Diagnosis).Code;

    /// <summary>What happened, in a plain sentence; that of the recognised text where it knows more.</summary>
    public string Text => Known?.Meaning ?? Catalogue.Of(Diagnosis).Text;

    /// <summary>What to do about it.</summary>
    public string Remedy => Known?.Remedy ?? Catalogue.Of(Diagnosis).Remedy;
}
