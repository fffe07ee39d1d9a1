namespace SmtpProxy.Telemetry.Clocks;

/// <summary>How a time divides between client, relay and proxy, in ticks.</summary>
internal readonly record struct Shares(long Client, long Relay, long Proxy)
{
    /// <summary>The whole time.</summary>
    public long Total => Client + Relay + Proxy;

    public static Shares operator +(Shares a, Shares b) => new(a.Client + b.Client, a.Relay + b.Relay, a.Proxy + b.Proxy);

    public static Shares operator -(Shares a, Shares b) => new(a.Client - b.Client, a.Relay - b.Relay, a.Proxy - b.Proxy);
}
