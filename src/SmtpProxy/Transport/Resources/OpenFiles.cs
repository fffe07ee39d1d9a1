using SmtpProxy.Transport.Native;

namespace SmtpProxy.Transport.Resources;

/// <summary>How many files the process may have open, and has. The soft limit is raised to the hard one at the start (<see cref="Raise"/>),
/// so the limit is the hard one.</summary>
public static class OpenFiles
{
    private const int FewestKept = 64;
    private const int MostKept = 1024;
    private const int KeptShare = 8;

    /// <summary>RLIMIT_NOFILE; null where the system does not say (not Linux), or sets none.</summary>
    public static int? Limit => OperatingSystem.IsLinux() ? ReadLimit() : null;

    /// <summary>Files that are open now; 0 where the system does not say.</summary>
    public static int Count => OperatingSystem.IsLinux() ? Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() : 0;

    /// <summary>Files that are kept for everything but sessions, beyond those that are open when they begin: admin pages, journal, reloads,
    /// name lookups, probes, and what the runtime opens late.</summary>
    public static int Kept(int limit) => Math.Clamp(limit / KeptShare, FewestKept, MostKept);

    /// <summary>Raises the soft limit to the hard one. The runtime does when it starts; in native code it does not.</summary>
    public static unsafe void Raise()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        ulong* limits = stackalloc ulong[2];
        if (Libc.GetLimit(LimitConstants.OpenFiles, limits) == 0 && limits[0] < limits[1])
        {
            limits[0] = limits[1];
            _ = Libc.SetLimit(LimitConstants.OpenFiles, limits);
        }
    }

    private static unsafe int? ReadLimit()
    {
        ulong* limits = stackalloc ulong[2];
        return Libc.GetLimit(LimitConstants.OpenFiles, limits) == 0 && limits[0] <= int.MaxValue ? (int)limits[0] : null;
    }
}
