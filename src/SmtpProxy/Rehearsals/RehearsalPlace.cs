namespace SmtpProxy.Rehearsals;

/// <summary>Where a rehearsal takes place.</summary>
/// <param name="Host">The address of the listener that the client shall send to.</param>
/// <param name="Port">Its port.</param>
/// <param name="Certificate">A PEM file with the certificate that the proxy shows; null: it speaks no TLS of its own.</param>
internal sealed record RehearsalPlace(string Host, int Port, string? Certificate);
