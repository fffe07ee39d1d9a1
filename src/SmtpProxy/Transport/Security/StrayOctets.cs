using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Security;

/// <summary>Encrypted octets that came about on a thread other than the loop's, which alone may write them. Thread-safe.</summary>
internal sealed class StrayOctets
{
    private readonly Lock _gate = new();
    private readonly OctetQueue?[] _strays = new OctetQueue?[2];

    /// <summary>Octets for a leg.</summary>
    public void Add(Leg to, ReadOnlySpan<byte> octets)
    {
        lock (_gate)
        {
            (_strays[(int)to] ??= new OctetQueue()).Append(octets);
        }
    }

    /// <summary>Takes all of a leg's.</summary>
    public byte[] Take(Leg to)
    {
        lock (_gate)
        {
            return _strays[(int)to]?.Take() ?? [];
        }
    }
}
