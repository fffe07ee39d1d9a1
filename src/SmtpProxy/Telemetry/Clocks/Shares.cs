namespace SmtpProxy.Telemetry.Clocks;

/// <summary>Ticks by owner.</summary>
internal readonly record struct Shares(long Client, long Relay, long Proxy)
{
    /// <summary>All of it.</summary>
    public long Total => Client + Relay + Proxy;

    public static Shares operator -(Shares a, Shares b) => new(a.Client - b.Client, a.Relay - b.Relay, a.Proxy - b.Proxy);
}
