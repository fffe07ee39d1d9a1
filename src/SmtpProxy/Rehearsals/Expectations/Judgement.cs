namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>What an expectation says of what was seen.</summary>
/// <param name="IsHeld">Whether it holds.</param>
/// <param name="Why">What was seen, one sentence.</param>
/// <param name="Session">The session that decided it; null: no single one did.</param>
internal sealed record Judgement(bool IsHeld, string Why, string? Session = null)
{
    public static Judgement Held(string why, string? session = null) => new(true, why, session);

    public static Judgement Broken(string why, string? session = null) => new(false, why, session);
}
