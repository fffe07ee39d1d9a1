using System.Diagnostics.Metrics;
using System.Text;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>What a relay offered in its last EHLO or LHLO reply that could be read: <c>smtpproxy.capability.present</c>, one series per keyword of a
/// closed set. A relay whose set changes shows as 1 becoming 0.</summary>
internal sealed class CapabilityCells(string cluster, string destination)
{
    /// <summary>Keywords of the IANA registry that change how mail flows, and Postfix's two.</summary>
    private static readonly string[] Keywords =
    [
        "8BITMIME", "AUTH", "BINARYMIME", "BURL", "CHUNKING", "DELIVERBY", "DSN", "ENHANCEDSTATUSCODES", "ETRN", "FUTURERELEASE", "LIMITS", "MT-PRIORITY",
        "PIPELINING", "PRDR", "REQUIRETLS", "SIZE", "SMTPUTF8", "STARTTLS", "XCLIENT", "XFORWARD",
    ];

    private readonly Tag[][] _tags =
        [.. Keywords.Select(k => (Tag[])[new(Attributes.Keyword, k), new(Attributes.Cluster, cluster), new(Attributes.Destination, destination)])];

    private long _offered = -1;

    /// <summary>Returns the bit of a line's keyword; 0 for a keyword outside of the set.</summary>
    public static long BitOf(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOfAny((byte)' ', (byte)'=');
        var keyword = end < 0 ? line : line[..end];
        for (var n = 0; n < Keywords.Length; n++)
        {
            if (Ascii.EqualsIgnoreCase(keyword, Keywords[n]))
            {
                return 1L << n;
            }
        }

        return 0;
    }

    /// <summary>Notes what a complete reply offered.</summary>
    public void Offered(long bits) => Volatile.Write(ref _offered, bits);

    /// <summary>1 for what was offered, 0 for the rest; nothing before the first reply.</summary>
    public IEnumerable<Measurement<int>> Measure()
    {
        var offered = Volatile.Read(ref _offered);
        return offered < 0 ? [] : _tags.Select((tags, n) => new Measurement<int>((int)((offered >> n) & 1), tags));
    }
}
