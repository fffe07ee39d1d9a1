namespace SmtpProxy.Codes;

/// <summary>What the catalogue knows of a reply code (<c>replies.json</c>).</summary>
/// <param name="Code">Three digits.</param>
/// <param name="Name">A few words.</param>
/// <param name="In">The operations to which it is a usual reply, as in telemetry; empty where there are none.</param>
/// <param name="Meaning">What it says.</param>
/// <param name="Next">What the client does next.</param>
/// <param name="Causes">Why it is said, the likely first.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Source">Where it is defined.</param>
public sealed record ReplyEntry(
    int Code, string Name, IReadOnlyList<string> In, string Meaning, string Next, IReadOnlyList<string> Causes, string Remedy,
    string Source);
