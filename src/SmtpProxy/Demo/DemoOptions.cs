namespace SmtpProxy.Demo;

/// <summary>What the demo's traffic is like.</summary>
/// <param name="Rate">Sessions that begin each second, on average; it swells and ebbs by half.</param>
/// <param name="Duration">How long traffic goes on; null until it is stopped.</param>
/// <param name="Seed">What is drawn: the same seed gives the same sessions in the same order.</param>
internal sealed record DemoOptions(double Rate = 20, TimeSpan? Duration = null, int Seed = 1)
{
    /// <summary>Sessions a second that may be asked for: beyond it the clients would be measured, not the proxy.</summary>
    public const double MaxRate = 1_000;
}
