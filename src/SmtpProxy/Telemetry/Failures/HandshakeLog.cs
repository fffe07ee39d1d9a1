using System.Collections.Concurrent;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry.Failures;

/// <summary>Logs why handshakes fail: about each listener or relay and cause one line in each <see cref="Interval"/>, however many there
/// are, because anybody can make a handshake fail.</summary>
internal sealed partial class HandshakeLog(ILogger<HandshakeLog> log, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<(Leg, string, string), Said> _said = new();

    /// <summary>Logs a handshake if it failed, unless a like line was logged within the last <see cref="Interval"/>.</summary>
    public void Tell(string listener, string? destination, HandshakeNote handshake)
    {
        if (handshake.Failure is not { } failure)
        {
            return;
        }

        var said = _said.GetOrAdd((handshake.Leg, handshake.Leg == Leg.Client ? listener : destination ?? AttributeValues.NoDestination,
            failure.Type), static _ => new Said());
        int unsaid;
        lock (said)
        {
            if (said.Last is { } last && time.GetElapsedTime(last) < Interval)
            {
                said.Unsaid++;
                return;
            }

            (said.Last, unsaid, said.Unsaid) = (time.GetTimestamp(), said.Unsaid, 0);
        }

        if (handshake.Leg == Leg.Client)
        {
            LogClient(listener, failure.Type, failure.Words, unsaid);
        }
        else
        {
            LogRelay(destination ?? AttributeValues.NoDestination, failure.Type, failure.Words, unsaid);
        }
    }

    [LoggerMessage(EventId = 430, Level = LogLevel.Warning,
        Message = "TLS with relay {Relay} failed ({Error}): {Why} ({Untold} more since the last such line)")]
    private partial void LogRelay(string relay, string error, string why, int untold);

    [LoggerMessage(EventId = 431, Level = LogLevel.Information,
        Message = "TLS with a client of listener {Listener} failed ({Error}): {Why} ({Untold} more since the last such line)")]
    private partial void LogClient(string listener, string error, string why, int untold);

    private sealed class Said
    {
        public long? Last { get; set; }

        public int Unsaid { get; set; }
    }
}
