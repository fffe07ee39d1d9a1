using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport.Epoll;

/// <summary>
/// What an event belongs to, in the 64 bits that epoll keeps with a descriptor: a leg by generation (upper half), slot and side, or with
/// generation 0 the loop's bell or a listener. The generation makes a late event of a closed connection harmless.
/// </summary>
internal readonly record struct EventTag(ulong Data)
{
    /// <summary>The <see cref="Mailbox"/>.</summary>
    internal const ulong Bell = 0;

    internal bool IsLeg => Generation != 0;

    internal uint Generation => (uint)(Data >> 32);

    internal int Slot => (int)((uint)Data >> 1);

    internal Leg Leg => (Leg)(Data & 1);

    internal int Listener => (int)(uint)Data - 1;

    internal static ulong OfLeg(uint generation, int slot, Leg leg) => ((ulong)generation << 32) | ((uint)slot << 1) | (uint)leg;

    internal static ulong OfListener(int number) => (ulong)number + 1;
}
