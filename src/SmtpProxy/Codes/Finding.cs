namespace SmtpProxy.Codes;

/// <summary>What was found to be wrong with a session. Safe to record: no text from the wire is in it, but
/// for <see cref="Said"/>.</summary>
/// <param name="Diagnosis">Which of the closed set.</param>
/// <param name="Evidence">What it rests on, as names and values.</param>
/// <param name="Candidates">What it may be, where it is unclear; otherwise empty.</param>
/// <param name="Known">The well-known reply text that was recognised; null = none.</param>
/// <param name="Remedy">What to do about it, with what is known of this session in it.</param>
public sealed record Finding(
    Diagnosis Diagnosis, IReadOnlyList<KeyValuePair<string, string>> Evidence, IReadOnlyList<Diagnosis> Candidates, TextEntry? Known,
    string Remedy)
{
    /// <summary>The refusal that decided; null: none did.</summary>
    public RefusalReply? Refusal { get; init; }

    /// <summary>That refusal in the relay's words, as far as they may be written down; null: not at all.</summary>
    public string? Said { get; init; }

    /// <summary>Its name in the journal, metrics and documentation.</summary>
    public string Code => Catalogue.Of(Diagnosis).Code;

    /// <summary>What happened, in a plain sentence; that of the recognised text where it knows more.</summary>
    public string Text => Known?.Meaning ?? Catalogue.Of(Diagnosis).Text;

    /// <summary>The same, with the names of the configuration in its remedy.</summary>
    public Finding At(SessionPlace place) => this with { Remedy = Remedies.Fill(Remedy, place) };
}
