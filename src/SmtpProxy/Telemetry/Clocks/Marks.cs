using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Telemetry.Clocks;

/// <summary>What telemetry keeps in an exchange besides its time: the lower half of <see cref="Exchange.Mark2"/> (the upper half is the
/// number of the buffer, see <see cref="BufferClock"/>).</summary>
internal static class Marks
{
    private const long CompleteBit = 1L << 31;
    private const long HandleBits = CompleteBit - 1;

    /// <summary>The journal's handle; 0 = not kept.</summary>
    public static int Handle(in Exchange exchange) => (int)(exchange.Mark2 & HandleBits);

    public static void SetHandle(ref Exchange exchange, int handle) => exchange.Mark2 = (exchange.Mark2 & ~HandleBits) | (uint)handle;

    /// <summary>Whether the relay was sent all of the message, or chunk, that this exchange is about.</summary>
    public static bool IsComplete(in Exchange exchange) => (exchange.Mark2 & CompleteBit) != 0;

    public static void SetComplete(ref Exchange exchange) => exchange.Mark2 |= CompleteBit;
}
