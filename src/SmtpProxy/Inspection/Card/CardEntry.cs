namespace SmtpProxy.Inspection.Card;

/// <summary>How well a server does in one thing.</summary>
internal enum Mark
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Allowed, or harmless by itself, and worth a look.</summary>
    Look,

    /// <summary>Against the standard, or not what the server itself has promised.</summary>
    Wrong,

    /// <summary>The server does not offer it, and need not.</summary>
    NotOffered,

    /// <summary>It could not be found out, or not without a risk.</summary>
    NotTried,
}

/// <summary>One line of a report card.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Mark">How it is.</param>
/// <param name="Text">What was seen, in words.</param>
/// <param name="Source">RFC and section.</param>
internal sealed record CardEntry(string Name, Mark Mark, string Text, string Source);
