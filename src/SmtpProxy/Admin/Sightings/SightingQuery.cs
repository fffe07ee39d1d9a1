using System.Globalization;
using System.Net;
using SmtpProxy.Live;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Admin.Sightings;

/// <summary>Reads the filters of a request. A value that is none is refused, and not taken for one that finds nothing.</summary>
internal static class SightingQuery
{
    private static readonly Dictionary<string, Anomaly> AnomaliesByName = Enum.GetValues<Anomaly>()
        .ToDictionary(WireNames.Of, StringComparer.OrdinalIgnoreCase);
    private static readonly Dictionary<string, Verdict> VerdictsByName = Enum.GetValues<Verdict>()
        .ToDictionary(AttributeValues.Of, StringComparer.OrdinalIgnoreCase);
    private static readonly string[] Outcomes = [.. Enum.GetValues<SessionOutcome>().Select(AttributeValues.Of)];
    private static readonly string[] Tls = ["none", "starttls", "refused", "implicit", "1.2", "1.3"];

    /// <summary>Reads them.</summary>
    /// <param name="query">The request's query.</param>
    /// <param name="filter">The filter.</param>
    /// <returns>What is wrong; null: nothing.</returns>
    public static string? TryRead(IQueryCollection query, out SightingFilter filter)
    {
        var wrong = new List<string>();
        filter = new SightingFilter
        {
            Listeners = Values(query, "listener"),
            Clusters = Values(query, "cluster"),
            Relays = Values(query, "relay"),
            Codes = Read(query, "code", wrong, "a code such as 550, or a class such as 5xx", CodeRange),
            Enhanced = Values(query, "enhanced"),
            Outcomes = Read(query, "outcome", wrong, $"one of {string.Join(", ", Outcomes)}", static v => Outcomes.Contains(v) ? v : null),
            Verdicts = [.. Read(query, "verdict", wrong, $"one of {string.Join(", ", VerdictsByName.Keys)}",
                static v => VerdictsByName.TryGetValue(v, out var verdict) ? verdict : (Verdict?)null)],
            Diagnoses = Values(query, "diagnosis"),
            Anomalies = Read(query, "anomaly", wrong, "the name of an anomaly, such as bare-lf-data",
                static v => AnomaliesByName.TryGetValue(v, out var anomaly) ? anomaly : (Anomaly?)null),
            Clients = Read(query, "client", wrong, "an address or a network such as 192.0.2.0/24", Network),
            Tls = Read(query, "tls", wrong, $"one of {string.Join(", ", Tls)}", static v => Tls.Contains(v) ? v : null),
            SlowerThanMs = Read(query, "slower_than", wrong, "a number of milliseconds",
                static v => double.TryParse(v, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ms)
                    ? ms : (double?)null) is [var most, ..] ? most : null,
            IsFaulted = Flag(query, "faulted", wrong),
            IsLive = Flag(query, "live", wrong),
            HidesNoise = Read(query, "noise", wrong, "hide or show", static v => v is "hide" or "show" ? v : null) is ["hide", ..],
        };
        return wrong.Count == 0 ? null : string.Join(" ", wrong);
    }

    /// <summary>Reads a network; an address is one of its own. Null: it is neither.</summary>
    public static IPNetwork? Network(string text)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        }

        if (IPNetwork.TryParse(text, out var network))
        {
            return network;
        }

        // As people write it: any address of the network will do.
        return text.Split('/') is [var any, var length] && IPAddress.TryParse(any, out address)
            && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits <= address.GetAddressBytes().Length * 8 ? new IPNetwork(Masked(address, bits), bits) : null;
    }

    /// <summary>The address with all but its first bits cleared.</summary>
    public static IPAddress Masked(IPAddress address, int bits)
    {
        var octets = address.GetAddressBytes();
        for (var n = 0; n < octets.Length; n++)
        {
            octets[n] &= (byte)(0xFF00 >> Math.Clamp(bits - (8 * n), 0, 8));
        }

        return new IPAddress(octets);
    }

    private static string[] Values(IQueryCollection query, string name) =>
        [.. query[name].SelectMany(static v => v?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            ?? [])];

    private static List<T> Read<T>(IQueryCollection query, string name, List<string> wrong, string what, Func<string, T?> read)
        where T : struct => [.. Values(query, name).Select(v => read(v) is { } value ? value : Wrong(name, v, what, wrong)).OfType<T>()];

    private static List<string> Read(IQueryCollection query, string name, List<string> wrong, string what, Func<string, string?> read)
    {
        var values = Values(query, name);
        foreach (var odd in values.Where(v => read(v) is null))
        {
            wrong.Add($"{name}: '{Requests.HttpRefusals.Short(odd)}' is not {what}.");
        }

        return [.. values];
    }

    private static object? Wrong(string name, string value, string what, List<string> wrong)
    {
        wrong.Add($"{name}: '{Requests.HttpRefusals.Short(value)}' is not {what}.");
        return null;
    }

    private static bool? Flag(IQueryCollection query, string name, List<string> wrong) =>
        Read(query, name, wrong, "true or false", static v => v is "true" or "false" ? v : null) is [var value, ..]
            ? value == "true" : null;

    private static (int From, int To)? CodeRange(string text) => text switch
    {
        [>= '1' and <= '5', 'x' or 'X', 'x' or 'X'] => ((text[0] - '0') * 100, ((text[0] - '0') * 100) + 99),
        [>= '1' and <= '9', >= '0' and <= '9', >= '0' and <= '9'] when int.Parse(text, CultureInfo.InvariantCulture) is var code =>
            (code, code),
        _ => null,
    };
}
