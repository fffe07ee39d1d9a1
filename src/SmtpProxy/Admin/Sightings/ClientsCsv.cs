using System.Buffers;
using System.Globalization;
using System.Text;

namespace SmtpProxy.Admin.Sightings;

/// <summary>Writes clients as comma-separated values (RFC 4180). No spreadsheet takes what a client or a name server chose for a
/// formula.</summary>
internal static class ClientsCsv
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    private const string Columns =
        "client,helo,first_seen,last_seen,sessions,messages,refused,octets,listeners,ports,tls_offered,tls_used,tls_versions,"
        + "clear_sessions,auth_mechanisms,auth_in_clear,breaks,name";

    /// <summary>A line each, after one with the names of the columns.</summary>
    public static string Of(IEnumerable<SeenClient> clients) => Lines(clients.Select(static c => (c, "")), $"{Columns}\r\n");

    /// <summary>The same of several proxies, which the last column names.</summary>
    public static string Of(IEnumerable<(SeenClient Client, IReadOnlyList<string> Nodes)> clients) =>
        Lines(clients.Select(static c => (c.Client, $",{Field(string.Join(' ', c.Nodes))}")), $"{Columns},nodes\r\n");

    private static string Lines(IEnumerable<(SeenClient Client, string More)> clients, string first)
    {
        var text = new StringBuilder(first);
        foreach (var (c, more) in clients)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Field(c.Client)},{Field(c.Helo)},{c.FirstSeen:O},{c.LastSeen:O},{c.Sessions},")
                .Append(CultureInfo.InvariantCulture, $"{c.Messages},{c.Refused},{c.Octets},{Field(string.Join(' ', c.Listeners))},")
                .Append(CultureInfo.InvariantCulture, $"{string.Join(' ', c.Ports)},")
                .Append(CultureInfo.InvariantCulture, $"{(c.Tls.Offered ? "true" : "false")},{(c.Tls.Used ? "true" : "false")},")
                .Append(CultureInfo.InvariantCulture, $"{string.Join(' ', c.Tls.Versions)},{c.Tls.ClearSessions},")
                .Append(CultureInfo.InvariantCulture, $"{Field(string.Join(' ', c.Auth.Mechanisms))},{c.Auth.InClear},")
                .Append(CultureInfo.InvariantCulture, $"{string.Join(' ', c.Breaks)},{Field(c.Name)}{more}\r\n");
        }

        return text.ToString();
    }

    /// <summary>One field. A formula begins with one of these signs, and an apostrophe says that a text follows.</summary>
    internal static string Field(string? text)
    {
        var plain = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? $"'{text}" : text ?? "";
        return plain.AsSpan().ContainsAny(Quoted) ? $"\"{plain.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : plain;
    }
}
