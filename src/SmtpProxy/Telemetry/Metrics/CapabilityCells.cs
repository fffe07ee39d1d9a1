using System.Diagnostics.Metrics;
using System.Text;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>What a relay offered when it was first asked on its last connection, in the clear and inside TLS:
/// <c>smtpproxy.capability.present</c>, one series per keyword of a closed set. A relay whose set changes shows as 1 becoming 0.</summary>
internal sealed class CapabilityCells(string cluster, string destination)
{
    /// <summary>Keywords of the IANA registry that change how mail flows, and Postfix's two.</summary>
    private static readonly string[] Keywords =
    [
        "8BITMIME", "AUTH", "BINARYMIME", "BURL", "CHUNKING", "DELIVERBY", "DSN", "ENHANCEDSTATUSCODES", "ETRN", "FUTURERELEASE", "LIMITS",
        "MT-PRIORITY",
        "PIPELINING", "PRDR", "REQUIRETLS", "SIZE", "SMTPUTF8", "STARTTLS", "XCLIENT", "XFORWARD",
    ];

    private readonly Channel _clear = new(Tags("clear", cluster, destination));
    private readonly Channel _inTls = new(Tags("tls", cluster, destination));

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

    /// <summary>The bits of what a whole reply to EHLO offers.</summary>
    public static long BitsOf(ReadOnlySpan<byte> reply)
    {
        var bits = 0L;
        var isFirst = true;
        foreach (var range in reply.Split((byte)'\n'))
        {
            var line = reply[range].TrimEnd((byte)'\r');
            bits |= isFirst || line.Length <= 4 ? 0 : BitOf(line[4..]);
            isFirst = false;
        }

        return bits;
    }

    /// <summary>Notes what a complete reply offered.</summary>
    /// <param name="bits">What.</param>
    /// <param name="isInTls">Whether TLS was spoken with the relay.</param>
    public void Offered(long bits, bool isInTls) => (isInTls ? _inTls : _clear).Offered(bits);

    /// <summary>What is offered on each channel that was seen, and what it was before that.</summary>
    public IEnumerable<RelayOffer> Offers()
    {
        foreach (var (name, channel) in new[] { ("clear", _clear), ("tls", _inTls) })
        {
            if (channel.Offer(name) is { } offer)
            {
                yield return offer;
            }
        }
    }

    private static string[] NamesOf(long bits) => [.. Keywords.Where((_, n) => ((bits >> n) & 1) != 0)];

    /// <summary>1 for what was offered, 0 for the rest; nothing before the first reply.</summary>
    public IEnumerable<Measurement<int>> Measure() => _clear.Measure().Concat(_inTls.Measure());

    private static Tag[][] Tags(string channel, string cluster, string destination) =>
    [
        .. Keywords.Select(k => (Tag[])[new(Attributes.Keyword, k), new(Attributes.Channel, channel), new(Attributes.Cluster, cluster),
            new(Attributes.Destination, destination)]),
    ];

    private sealed class Channel(Tag[][] tags)
    {
        private readonly Lock _changing = new();
        private long _offered = -1;
        private long _before = -1;
        private int _changes;
        private DateTimeOffset _changedAt;

        public void Offered(long bits)
        {
            if (Volatile.Read(ref _offered) == bits)
            {
                return;
            }

            lock (_changing)
            {
                if (_offered >= 0 && _offered != bits)
                {
                    (_before, _changedAt) = (_offered, TimeProvider.System.GetUtcNow());
                    _changes++;
                }

                Volatile.Write(ref _offered, bits);
            }
        }

        public RelayOffer? Offer(string name)
        {
            lock (_changing)
            {
                return _offered < 0 ? null
                    : new RelayOffer(
                        name, NamesOf(_offered), _changes == 0 ? null : NamesOf(_before), _changes == 0 ? null : _changedAt, _changes);
            }
        }

        public IEnumerable<Measurement<int>> Measure()
        {
            var offered = Volatile.Read(ref _offered);
            return offered < 0 ? [] : tags.Select((t, n) => new Measurement<int>((int)((offered >> n) & 1), t));
        }
    }
}
