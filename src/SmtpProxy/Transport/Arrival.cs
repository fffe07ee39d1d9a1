using System.Net;

namespace SmtpProxy.Transport;

/// <summary>A connection that was accepted and has no handler yet.</summary>
/// <param name="Client">Where it comes from.</param>
/// <param name="Local">The address that it came to.</param>
/// <param name="At">When it was accepted, in <see cref="System.Diagnostics.Stopwatch"/> ticks.</param>
public readonly record struct Arrival(EndPoint Client, EndPoint Local, long At);
