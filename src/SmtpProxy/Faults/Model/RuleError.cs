namespace SmtpProxy.Faults.Model;

/// <summary>Something in a rule that cannot be used.</summary>
/// <param name="Path">Where in the rule, members separated by dots; empty: the rule itself.</param>
/// <param name="Text">What is wrong, and what would be right.</param>
public sealed record RuleError(string Path, string Text);
