namespace SmtpProxy.Transport;

/// <summary>The memory that the process may have, as its runtime knows it: the machine's, three quarters of a container's (cgroup), or what
/// <c>DOTNET_GCHeapHardLimit</c> says. A runtime that needs more ends the process, so that defaults follow it.</summary>
public static class AvailableMemory
{
    /// <summary>Octets.</summary>
    public static long Octets { get; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>So many octets, or this part of the memory where that is less.</summary>
    public static long Share(long most, int part) => ShareOf(Octets, most, part);

    /// <summary>So many places, or one for each of so many octets where that is less.</summary>
    public static int Places(int most, int octetsEach) => (int)ShareOf(Octets, most, octetsEach);

    internal static long ShareOf(long available, long most, int part) => Math.Clamp(available / part, 1, most);
}
