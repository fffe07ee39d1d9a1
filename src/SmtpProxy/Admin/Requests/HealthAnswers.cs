namespace SmtpProxy.Admin.Requests;

/// <summary>The process is alive.</summary>
internal sealed record HealthAnswer(string Status);

/// <summary>It takes sessions.</summary>
/// <param name="Status"><c>ready</c>.</param>
/// <param name="Listeners">What listens, a line each.</param>
internal sealed record ReadyAnswer(string Status, IReadOnlyList<string> Listeners);

/// <summary>It takes none.</summary>
/// <param name="Status"><c>not ready</c>.</param>
/// <param name="Reason">Why.</param>
internal sealed record NotReadyAnswer(string Status, string Reason);
