using System.Globalization;
using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Pipeline;

/// <summary>Stands beside a filter and writes down what reaches it: on its way to the relay with a <c>&gt;</c>, to the client with a
/// <c>&lt;</c>.</summary>
internal sealed class FilterProbe(List<string> told) : SessionFilter
{
    /// <summary>What it says it has not got rid of.</summary>
    public int Waits { get; set; }

    public override int Unsent => Waits;

    public override void Dial(in RelayTarget target) => told.Add("> dial");

    public override void FromClient(ReadOnlySpan<byte> octets) => told.Add("> " + Text(octets));

    public override void ShutRelay() => told.Add("> fin");

    public override void ResetRelay() => told.Add("> rst");

    public override void Splice(Leg from, long octets) => told.Add($"> splice {from} {octets}");

    public override void Dialled(in DialNote dial) => told.Add($"< {dial.Outcome} {dial.Result.Error}".TrimEnd()
        + (dial is { KeptBack: 0, GreetingTook: 0 } ? "" : $" after {Seconds(dial.KeptBack)}, greeted in {Seconds(dial.GreetingTook)}"));

    public override void FromRelay(ReadOnlySpan<byte> octets, Origin origin) => told.Add("< " + Text(octets));

    public override void RelayEnded(EndKind how) => told.Add("< " + how);

    private static string Text(ReadOnlySpan<byte> octets) =>
        Encoding.Latin1.GetString(octets).Replace("\r\n", "|", StringComparison.Ordinal);

    private static string Seconds(long ticks) =>
        System.Diagnostics.Stopwatch.GetElapsedTime(0, ticks).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + " s";
}
