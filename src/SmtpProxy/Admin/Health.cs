namespace SmtpProxy.Admin;

/// <summary>The process is alive.</summary>
/// <param name="Status">That it is.</param>
internal sealed record Alive(string Status);

/// <summary>Sessions are taken.</summary>
/// <param name="Status">That they are.</param>
/// <param name="Listeners">Where.</param>
internal sealed record Ready(string Status, IReadOnlyList<string> Listeners);

/// <summary>No sessions are taken.</summary>
/// <param name="Status">That they are not.</param>
/// <param name="Reason">Why.</param>
internal sealed record NotReady(string Status, string Reason);
