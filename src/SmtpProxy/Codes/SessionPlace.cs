namespace SmtpProxy.Codes;

/// <summary>Where a session ran, by the names in the configuration.</summary>
/// <param name="Listener">Where it came in.</param>
/// <param name="Cluster">The relays that it was for.</param>
/// <param name="Destination">The relay that it had, or tried last; null: none.</param>
public sealed record SessionPlace(string Listener, string Cluster, string? Destination);
