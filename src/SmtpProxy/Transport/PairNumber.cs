namespace SmtpProxy.Transport;

/// <summary>Numbers pairs, across all transports of the process.</summary>
internal static class PairNumber
{
    private static long s_last;

    /// <summary>A number that no pair had before.</summary>
    internal static long Next() => Interlocked.Increment(ref s_last);
}
