namespace SmtpProxy.Telemetry.Facts;

/// <summary>Sessions that wait for the same at this moment.</summary>
/// <param name="For">What they wait for: an operation, or <c>relay_read</c>.</param>
/// <param name="Cluster">The cluster's id.</param>
/// <param name="Destination">The relay's configured name.</param>
/// <param name="Count">How many they are.</param>
/// <param name="Oldest">How long the first of them has waited.</param>
/// <param name="Session">Its name, as in the journal.</param>
internal readonly record struct WaitNote(string For, string Cluster, string Destination, int Count, TimeSpan Oldest, string Session);
