using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Sessions;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin;

/// <summary>A page for a person who wants to know whether it runs.</summary>
internal static class StatusPage
{
    private const string Style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
        table{border-collapse:collapse}td,th{padding:.2rem .8rem;border-bottom:1px solid #8884;text-align:left}code{font-size:.95em}
        """;

    private const string Head = $"""
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>SmtpProxy</title>
        <style>{Style}</style></head><body>
        """;

    /// <summary>What names the style in a Content-Security-Policy, where no other may stand.</summary>
    public static string StyleHash { get; } = $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}";

    /// <summary>Writes it.</summary>
    public static string Render(Readiness readiness, SessionHost sessions, IEnumerable<RelayView> relays)
    {
        var page = new StringBuilder(Head);
        page.Append(CultureInfo.InvariantCulture, $"<h1>SmtpProxy {ProductVersion.Text}</h1><p>{(readiness.Reason is { } reason ? $"Not ready: {Text(reason)}" : "Ready")}, {sessions.Count} sessions open.</p>");
        RelayView[] all = [.. relays];
        foreach (var cluster in all.Where(static r => r.Discards).Select(static r => r.Cluster).Distinct())
        {
            page.Append(CultureInfo.InvariantCulture, $"<p><strong>MAIL IS DISCARDED: cluster {Text(cluster)} leads to the embedded sink</strong></p>");
        }

        page.Append("<h2>Listeners</h2><ul>");
        foreach (var listener in readiness.Listeners)
        {
            page.Append("<li><code>").Append(Text(listener)).Append("</code></li>");
        }

        page.Append("</ul><h2>Relays</h2><table><tr><th>cluster</th><th>relay</th><th>address</th><th>up</th><th>sessions</th><th>failures</th></tr>");
        foreach (var relay in all)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{Text(relay.Cluster)}</td><td>{Text(relay.Destination)}</td><td><code>{Text(relay.Address)}</code></td><td>{(relay.Why is { } why ? $"no: {Text(why)}" : "yes")}</td><td>{relay.Sessions}</td><td>{relay.ConnectFailures + relay.GreetingFailures}</td></tr>");
        }

        return page.Append("""
            </table><p><a href="/metrics">/metrics</a> · <a href="/healthz">/healthz</a> · <a href="/readyz">/readyz</a> · <a href="/api/v1/upstreams">/api/v1/upstreams</a></p></body></html>
            """).ToString();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
