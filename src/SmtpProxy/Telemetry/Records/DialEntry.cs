using System.Net;

namespace SmtpProxy.Telemetry.Records;

/// <summary>One attempt to reach a relay.</summary>
internal readonly record struct DialEntry(string Destination, long Began, long Ended, string? Error, EndPoint? Relay);
