namespace SmtpProxy.Telemetry.Metrics;

/// <summary>Bucket boundaries of histograms; part of what dashboards rely on.</summary>
internal static class Buckets
{
    /// <summary>Seconds; the lower ones for relays in the same network, the upper ones because RFC 5321 4.5.3.2 gives minutes.</summary>
    public static readonly double[] Seconds = [.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60,
        120, 300];

    /// <summary>Seconds from 10 µs: what the proxy itself takes.</summary>
    public static readonly double[] Overhead =
        [.00001, .000025, .00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1];

    /// <summary>Seconds from 10 µs to 10 s: how late a loop, or a thread, comes to what waits for it.</summary>
    public static readonly double[] Lag = [.. Overhead, 2.5, 5, 10];

    /// <summary>Octets: powers of 4 from 1 KiB to 1 GiB.</summary>
    public static readonly long[] Octets =
        [1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26, 1 << 28, 1 << 30];

    /// <summary>Recipients of a message; RFC 5321 4.5.3.1.8 asks for at least 100, few servers take more than 1,000.</summary>
    public static readonly long[] Recipients = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000];
}
