using System.Net;
using SmtpProxy.Cli.Output;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Listening;

namespace SmtpProxy.Cli.Running;

/// <summary>What to do next, for a person who has started the proxy by hand.</summary>
internal static class Welcome
{
    /// <summary>The lines.</summary>
    /// <param name="listeners">Where clients connect.</param>
    /// <param name="urls">Where HTTP is served.</param>
    /// <param name="settings">What it runs with.</param>
    /// <param name="paint">Colours.</param>
    public static IEnumerable<string> Lines(
        IReadOnlyList<BoundListener> listeners, IReadOnlyList<string> urls, Settings settings, Paint paint)
    {
        yield return "";
        if (listeners.Select(static l => l.Address).OfType<IPEndPoint>().FirstOrDefault() is { } address)
        {
            var at = Near(address);
            var fate = settings.Sink.Enabled ? paint.Yellow("   (accepted and DISCARDED: no relay is configured)") : "";
            yield return $"  {paint.Bold("Send mail")}  swaks --server {at} --to you@example.org{fate}";
            yield return $"  {paint.Bold("Try it")}     smtpproxy probe smtp://{at}";
        }

        if (urls is [var url, ..])
        {
            yield return $"  {paint.Bold("Look")}       {paint.Cyan(url.TrimEnd('/') + "/")}   metrics: {url.TrimEnd('/')}/metrics   in " +
                $"a terminal: smtpproxy watch{(url.TrimEnd('/') == "http://127.0.0.1:9025" ? "" : $" --admin {url}")}";
        }

        if (settings.HasFaults)
        {
            yield return $"  {paint.Bold("Break it")}   smtpproxy faults start slow-banner --set duration=00:00:05   "
                + "all of it stops with: smtpproxy faults halt";
        }

        if (OwnCommand.InPlace() is { } own)
        {
            yield return $"  {paint.Bold("smtpproxy")}  is not installed here: write {own} in its place";
        }

        yield return $"  {paint.Bold("Stop")}       Ctrl+C; open transactions are finished first";
        yield return paint.Dim("  Below: one line for each message as its session ends (--quiet: none).");
        yield return "";
    }

    /// <summary>Where this machine reaches an address that may stand for all of them.</summary>
    private static IPEndPoint Near(IPEndPoint address) =>
        address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any)
            ? new IPEndPoint(IPAddress.Loopback, address.Port) : address;
}
